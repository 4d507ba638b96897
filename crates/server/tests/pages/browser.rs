//! A browser: keeps its cookie, follows no redirect, says where its forms come from.

use std::collections::BTreeMap;

use reqwest::{Client, Method, RequestBuilder, StatusCode, header, redirect::Policy};
use testkit::TestApp;

/// The password of every person in tests.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// What a page answered.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) cache: String,
    pub(crate) html: String,
}

pub(crate) struct Browser<'app> {
    app: &'app TestApp,
    client: Client,
    cookies: BTreeMap<String, String>,
}

impl<'app> Browser<'app> {
    pub(crate) fn open(app: &'app TestApp) -> Self {
        let client =
            Client::builder().redirect(Policy::none()).no_proxy().build().expect("the client can be made");
        Self { app, client, cookies: BTreeMap::new() }
    }

    /// A browser in which this person is signed in.
    pub(crate) async fn signed_in(app: &'app TestApp, name: &str) -> Self {
        let mut browser = Self::open(app);
        let page =
            browser.submit("/sign_in", &[("login", name), ("password", PASSWORD), ("return", "/keys")]).await;
        assert_eq!(
            (page.status, page.location.as_deref()),
            (StatusCode::SEE_OTHER, Some("/keys")),
            "{}",
            page.html
        );
        browser
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        let request = self.request(Method::GET, path);
        self.send(request).await
    }

    /// Sends a form as a browser sends one of our own pages.
    pub(crate) async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self.request(Method::POST, path).header("sec-fetch-site", "same-origin");
        self.send(form(request, fields)).await
    }

    /// Sends a form as a browser sends one of another site's pages.
    pub(crate) async fn submit_from_elsewhere(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self.request(Method::POST, path).header("origin", "https://evil.test");
        self.send(form(request, fields)).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.app.base()));
        if self.cookies.is_empty() {
            return request;
        }
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.header(header::COOKIE, cookies.join("; "))
    }

    async fn send(&mut self, request: RequestBuilder) -> Page {
        let response = request.send().await.expect("the server answers");
        let text = |name| {
            response.headers().get(name).map(|value| value.to_str().expect("headers are text").to_owned())
        };
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("cookies are text");
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
            let (name, value) = cookie.split(';').next().and_then(|it| it.split_once('=')).expect("a pair");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let policy = text(header::CONTENT_SECURITY_POLICY).unwrap_or_default();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        Page {
            status: response.status(),
            location: text(header::LOCATION),
            cache: text(header::CACHE_CONTROL).unwrap_or_default(),
            html: response.text().await.expect("the answer arrives whole"),
        }
    }
}

fn form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body.finish())
}
