use http::Method;
use http_kit::Access;
use reqwest::StatusCode;
use testkit::TestApp;

use crate::browser::{Browser, PASSWORD};

#[tokio::test]
async fn every_page_for_members_sends_strangers_to_the_sign_in_page() {
    let app = TestApp::start().await;
    let mut stranger = Browser::open(&app);
    let mut walked = 0;
    for route in web::routes().entries().iter().filter(|route| route.access == Access::Session) {
        let path = route
            .path
            .replace("{id}", "01890000-0000-7000-8000-000000000000")
            .replace("{handle}", "alice")
            .replace("{ecosystem}", "rubygems");
        let page = if route.method == Method::GET {
            stranger.get(&path).await
        } else {
            stranger.submit(&path, &[]).await
        };
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{} {path}", route.method);
        assert!(page.location.unwrap().starts_with("/sign_in?return=%2F"), "{path}");
        walked += 1;
    }
    assert!(walked > 15, "the table of routes has the pages for members");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_told_alike() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::open(&app);
    let wrong = browser.submit("/sign_in", &[("login", "alice"), ("password", "wrong password")]).await;
    let unknown = browser.submit("/sign_in", &[("login", "alicf"), ("password", "wrong password")]).await;
    assert_eq!((wrong.status, unknown.status), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
    assert_eq!(wrong.html.replace("alice", "NAME"), unknown.html.replace("alicf", "NAME"));
    assert!(wrong.html.contains("value=\"alice\""), "what was typed is kept");
}

#[tokio::test]
async fn the_way_back_after_signing_in_never_leads_elsewhere() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::open(&app);
    let fields = [("login", "alice@example.com"), ("password", PASSWORD), ("return", "//evil.test/keys")];
    assert_eq!(browser.submit("/sign_in", &fields).await.location.as_deref(), Some("/keys"));
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    for path in ["/keys/reset", "/sign_out", "/keys/new/rubygems", "/sign_in"] {
        assert_eq!(browser.submit_from_elsewhere(path, &[]).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(browser.get("/keys").await.status, StatusCode::OK, "still signed in");
}

#[tokio::test]
async fn sensitive_pages_ask_for_the_password_after_ten_minutes() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    assert_eq!(browser.get("/keys/new/rubygems").await.status, StatusCode::OK);
    app.clock.advance(601);
    let detour = browser.get("/keys/new/rubygems").await.location.unwrap();
    assert_eq!(detour, "/verify?return=%2Fkeys%2Fnew%2Frubygems");
    assert_eq!(
        browser.submit("/keys/reset", &[]).await.location.as_deref(),
        Some("/verify?return=%2Fkeys%2Freset")
    );
    let wrong =
        browser.submit("/verify", &[("password", "wrong password"), ("return", "/keys/new/rubygems")]).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let right = browser.submit("/verify", &[("password", PASSWORD), ("return", "/keys/new/rubygems")]).await;
    assert_eq!(right.location.as_deref(), Some("/keys/new/rubygems"));
    assert_eq!(browser.get("/keys/new/rubygems").await.status, StatusCode::OK);
}

#[tokio::test]
async fn sessions_are_listed_and_each_can_be_ended() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut laptop = Browser::signed_in(&app, "alice").await;
    app.clock.advance(5);
    let mut phone = Browser::signed_in(&app, "alice").await;
    let list = phone.get("/sessions").await.html;
    let ids: Vec<&str> =
        list.split("/sessions/").skip(1).filter_map(|rest| rest.split("/end").next()).collect();
    assert_eq!(ids.len(), 2, "{list}");
    phone.submit(&format!("/sessions/{}/end", ids[1]), &[]).await;
    assert_eq!(laptop.get("/keys").await.status, StatusCode::SEE_OTHER, "the laptop is signed out");
    assert_eq!(phone.get("/keys").await.status, StatusCode::OK);
    phone.submit("/sign_out", &[]).await;
    assert_eq!(phone.get("/keys").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_unused_session_ends_after_two_weeks() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    app.clock.advance_days(13);
    assert_eq!(browser.get("/keys").await.status, StatusCode::OK);
    app.clock.advance_days(13);
    assert_eq!(browser.get("/keys").await.status, StatusCode::OK, "it was used meanwhile");
    app.clock.advance_days(15);
    assert_eq!(browser.get("/keys").await.status, StatusCode::SEE_OTHER);
}
