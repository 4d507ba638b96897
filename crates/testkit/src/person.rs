use std::{net::SocketAddr, time::Duration};

use domain::{AccountId, Clock as _, Expiry, KeyId};
use registry::KeySelection;
use reqwest::{Method, RequestBuilder};

use crate::{
    Answer, TestApp,
    app::{PASSWORD, new_key, send},
};

/// Somebody with an account.
#[derive(Debug)]
pub struct Person<'app> {
    pub(crate) app: &'app TestApp,
    /// The account.
    pub id: AccountId,
    /// The handle.
    pub name: String,
}

impl<'app> Person<'app> {
    /// A key with these scopes on all packages.
    pub async fn key(&self, scopes: &[&str]) -> KeyHolder<'app> {
        self.app.issue(self.id, new_key(scopes, KeySelection::Any)).await
    }

    /// A key with these scopes on all packages that ends after so many seconds.
    pub async fn key_for_seconds(&self, scopes: &[&str], seconds: i64) -> KeyHolder<'app> {
        let mut wanted = new_key(scopes, KeySelection::Any);
        wanted.expiry = Expiry::At(self.app.clock.now() + Duration::from_secs(seconds.unsigned_abs()));
        self.app.issue(self.id, wanted).await
    }

    /// A key with these scopes, bound to one gem that the person owns.
    pub async fn key_for_gem(&self, scopes: &[&str], gem: &str) -> KeyHolder<'app> {
        self.app.issue(self.id, new_key(scopes, KeySelection::Owned(gem.to_owned()))).await
    }

    /// A key with these scopes for names that match one of the globs.
    pub async fn key_for_globs(&self, scopes: &[&str], globs: &[&str]) -> KeyHolder<'app> {
        let globs = globs.iter().map(|&glob| glob.to_owned()).collect();
        self.app.issue(self.id, new_key(scopes, KeySelection::Patterns { names: Vec::new(), globs })).await
    }

    /// A key with these scopes for these names, owned or not.
    pub async fn key_for_names(&self, scopes: &[&str], names: &[&str]) -> KeyHolder<'app> {
        let names = names.iter().map(|&name| name.to_owned()).collect();
        self.app.issue(self.id, new_key(scopes, KeySelection::Patterns { names, globs: Vec::new() })).await
    }

    /// A request with name and password.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.request(method, path).basic_auth(&self.name, Some(PASSWORD))
    }

    /// `GET` with name and password.
    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    /// Sends form fields with name and password.
    pub async fn form(&self, method: Method, path: &str, fields: &[(&str, &str)]) -> Answer {
        send(
            self.request(method, path)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(encode(fields)),
        )
        .await
    }
}

/// Somebody with nothing but a key.
#[derive(Debug)]
pub struct KeyHolder<'app> {
    pub(crate) app: &'app TestApp,
    /// The key's id.
    pub id: KeyId,
    /// The key's value.
    pub value: String,
}

impl KeyHolder<'_> {
    /// A request with the key, raw in `Authorization`.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.request(method, path).header("authorization", &self.value)
    }

    /// `GET` with the key.
    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    /// `GET` with the key, from another node.
    pub async fn get_at(&self, node: SocketAddr, path: &str) -> Answer {
        send(self.app.request_at(node, Method::GET, path).header("authorization", &self.value)).await
    }

    /// Sends form fields with the key.
    pub async fn form(&self, method: Method, path: &str, fields: &[(&str, &str)]) -> Answer {
        send(
            self.request(method, path)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(encode(fields)),
        )
        .await
    }

    /// Pushes a gem.
    pub async fn push(&self, gem: Vec<u8>) -> Answer {
        let request = self.request(Method::POST, "/rubygems/api/v1/gems");
        send(request.header("content-type", "application/octet-stream").body(gem)).await
    }

    /// Yanks a version for the platform `ruby`.
    pub async fn yank(&self, gem: &str, version: &str) -> Answer {
        self.form(Method::DELETE, "/rubygems/api/v1/gems/yank", &[("gem_name", gem), ("version", version)])
            .await
    }
}

/// Form fields as a body.
fn encode(fields: &[(&str, &str)]) -> String {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    body.finish()
}
