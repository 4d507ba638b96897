//! Every route states what it asks, and gets it: the tables of routes are walked, so that a new route is asked too.

use std::fmt::Write as _;

use http::Method;
use http_kit::{Access, RouteEntry};
use testkit::{Answer, KeyHolder, OPERATOR, TestApp, send};

use crate::support::{LOST, NO_SCOPE, OTHER_GEM, UNCONFIRMED, denied, gem, make_owner, owners_of, publish};

/// All scopes that go together.
const ALL: [&str; 8] = [
    "index_rubygems",
    "push_rubygem",
    "yank_rubygem",
    "add_owner",
    "update_owner",
    "remove_owner",
    "access_webhooks",
    "configure_trusted_publishers",
];

/// The routes that anybody may ask. This list may only shrink: whoever adds to it says to the reviewer why.
const PUBLIC: [&str; 32] = [
    "PUT /api/v1/gems/unyank",
    "PUT /api/v1/api_key/reset",
    "GET /api/v1/gems/{name}/owners",
    "GET /api/v1/gems/{name}/owners.json",
    "GET /api/v1/gems/{name}/owners.yaml",
    "GET /api/v1/search",
    "GET /api/v1/search.json",
    "GET /api/v1/search.yaml",
    "GET /api/v1/downloads",
    "GET /api/v1/downloads.json",
    "GET /api/v1/downloads.yaml",
    "GET /api/v1/dependencies",
    "GET /api/v1/dependencies.json",
    "GET /",
    "GET /sign_up",
    "GET /api/v1/gems/{name}",
    "OPTIONS /api/v1/gems/{name}",
    "GET /api/v1/owners/{handle}/{gems}",
    "GET /api/v1/profiles/{handle}",
    "GET /api/v1/versions/{name}",
    "GET /api/v1/versions/{name}/latest.json",
    "GET /api/v2/rubygems/{name}/versions/{number}",
    "GET /api/v1/downloads/{full_name}",
    "GET /api/v1/search/autocomplete",
    "GET /names",
    "GET /versions",
    "GET /info/{name}",
    "GET /quick/Marshal.4.8/{file}",
    "GET /gems/{file}",
    "GET /specs.4.8.gz",
    "GET /latest_specs.4.8.gz",
    "GET /prerelease_specs.4.8.gz",
];

fn title(entry: &RouteEntry) -> String {
    format!("{} {}", entry.method, entry.path)
}

fn entries(wanted: impl Fn(Access) -> bool) -> Vec<RouteEntry> {
    let routes = rubygems::routes();
    routes.entries().iter().filter(|entry| wanted(entry.access)).cloned().collect()
}

fn wants_key(access: Access) -> bool {
    matches!(access, Access::Key(_))
}

#[test]
fn the_list_of_public_routes_is_exact() {
    let public: Vec<_> = entries(|access| access == Access::Public).iter().map(title).collect();
    assert_eq!(public, PUBLIC);
}

#[test]
fn every_route_states_what_it_asks() {
    let mut table = String::new();
    for entry in entries(|access| access != Access::Public) {
        let asks = match entry.access {
            Access::Key(actions) if actions.len() > 2 => "key with any action".to_owned(),
            Access::Key(actions) => {
                format!("key with {}", actions.iter().map(|a| a.as_str()).collect::<Vec<_>>().join(" or "))
            }
            other => format!("{other:?}").to_lowercase(),
        };
        let _ = writeln!(table, "{:44} {asks}", title(&entry));
    }
    insta::assert_snapshot!(table, @r"
    GET /api/v1/api_key                          password
    POST /api/v1/api_key                         password
    PUT /api/v1/api_key                          password
    PATCH /api/v1/api_key                        password
    GET /api/v1/api_key.json                     password
    POST /api/v1/api_key.json                    password
    PUT /api/v1/api_key.json                     password
    PATCH /api/v1/api_key.json                   password
    GET /api/v1/api_key.yaml                     password
    POST /api/v1/api_key.yaml                    password
    PUT /api/v1/api_key.yaml                     password
    PATCH /api/v1/api_key.yaml                   password
    POST /api/v1/gems                            key with publish_new or publish_version
    DELETE /api/v1/gems/yank                     key with withdraw
    POST /api/v1/gems/{name}/owners              key with add_owner
    DELETE /api/v1/gems/{name}/owners            key with remove_owner
    PUT /api/v1/gems/{name}/owners               key with update_owner
    PATCH /api/v1/gems/{name}/owners             key with update_owner
    GET /api/v1/gems                             key with list_own
    GET /api/v1/gems.json                        key with list_own
    GET /api/v1/gems.yaml                        key with list_own
    GET /api/v1/profile/me                       password
    GET /api/v1/profile/me.json                  password
    GET /api/v1/profile/me.yaml                  password
    GET /api/v1/api_key/check                    key with any action
    ");
}

/// How a route is called about the gem `hola`.
struct Call {
    method: Method,
    path: String,
    body: Vec<u8>,
    /// Whether it is about one gem; the others are about the account.
    about_gem: bool,
}

/// The call for a route that wants a key. A new route has to be added here: it cannot be left out.
fn call(entry: &RouteEntry) -> Call {
    let form = |text: &str| (text.as_bytes().to_vec(), true);
    let (body, about_gem) = match (entry.method.as_str(), entry.path.as_str()) {
        ("POST", "/api/v1/gems") => (gem("hola", "2.0.0"), true),
        ("DELETE", "/api/v1/gems/yank") => form("gem_name=hola&version=1.0.0"),
        ("POST", "/api/v1/gems/{name}/owners") => form("email=carol"),
        ("DELETE", "/api/v1/gems/{name}/owners") => form("email=dave"),
        ("PUT" | "PATCH", "/api/v1/gems/{name}/owners") => form("email=erin&role=maintainer"),
        ("GET", "/api/v1/gems" | "/api/v1/gems.json" | "/api/v1/gems.yaml") => (Vec::new(), false),
        ("GET", "/api/v1/api_key/check") => (Vec::new(), true),
        (method, path) => panic!("say here how {method} {path} is called"),
    };
    let query = if entry.path.ends_with("/check") { "?scope=push_rubygem&gem_name=hola" } else { "" };
    let path = format!("/rubygems{}{query}", entry.path.replace("{name}", "hola"));
    Call { method: entry.method.clone(), path, body, about_gem }
}

impl Call {
    async fn by(&self, app: &TestApp, authorization: Option<&str>) -> Answer {
        let request = app.request(self.method.clone(), &self.path).body(self.body.clone());
        send(match authorization {
            Some(value) => request.header("authorization", value),
            None => request,
        })
        .await
    }
}

/// Everything that a call could have changed.
async fn state(app: &TestApp) -> Vec<String> {
    let mut state = Vec::new();
    for path in ["/rubygems/names", "/rubygems/versions", "/rubygems/info/hola", &owners_of("hola")] {
        state.push(app.get(path).await.text());
    }
    state.extend(app.db_events().await);
    let keys = "SELECT scopes || ' ' || COALESCE(CAST(revoked_at AS TEXT), '-') FROM keys ORDER BY id";
    state.extend(app.db_texts(keys).await);
    let invited =
        "SELECT role || ' ' || COALESCE(CAST(confirmed_at AS TEXT), '-') FROM ownerships ORDER BY id";
    state.extend(app.db_texts(invited).await);
    state.extend(app.db_pending_blobs().await);
    state
}

/// A gem of alice with more owners; returns her key.
async fn gem_with_owners(app: &TestApp) -> KeyHolder<'_> {
    let key = app.person("alice").await.key(&ALL).await;
    publish(&key, "hola", "1.0.0").await;
    for name in ["carol", "dave", "erin"] {
        app.person(name).await;
    }
    make_owner(app, &key, "hola", "dave", "owner").await;
    make_owner(app, &key, "hola", "erin", "owner").await;
    key
}

/// Somebody who must be refused, and how.
struct Refused {
    who: &'static str,
    authorization: Option<String>,
    status: u16,
    /// What the answer says; each route has its own words for strangers.
    text: String,
    /// Only on routes about a gem.
    about_gem_only: bool,
}

impl Refused {
    fn new(who: &'static str, authorization: Option<&str>, (status, text): (u16, String)) -> Self {
        let authorization = authorization.map(str::to_owned);
        Self { who, authorization, status, text, about_gem_only: false }
    }

    fn on_gems(who: &'static str, key: &KeyHolder<'_>, text: &str) -> Self {
        Self { about_gem_only: true, ..Self::new(who, Some(&key.value), (403, text.to_owned())) }
    }
}

/// Those whom no key helps, whatever it says.
async fn nobodies(app: &TestApp) -> Vec<Refused> {
    let frank = app.person("frank").await;
    let (revoked, expired) = (frank.key(&ALL).await, frank.key_for_seconds(&ALL, 60).await);
    app.registry().revoke_key(OPERATOR, revoked.id).await.expect("it can be revoked");
    app.clock.advance(60);
    let (grace, heidi) = (app.person("grace").await, app.person("heidi").await);
    let (unconfirmed, locked) = (grace.key(&ALL).await, heidi.key(&ALL).await);
    grace.db_unconfirm().await;
    heidi.db_lock().await;
    let broken = format!("{}x", &revoked.value[..revoked.value.len() - 1]);
    let lock_text = "This account is locked. Please contact the administrator of this server.";
    let with = |who, key: &str| Refused::new(who, Some(key), denied(app));
    vec![
        Refused::new("nobody", None, denied(app)),
        with("a malformed key", "nonsense"),
        with("a key with a wrong check", &broken),
        with("a key of another server", "rubygems_0123456789abcdef0123456789abcdef0123456789abcdef"),
        with("a password", "Basic ZnJhbms6Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZQ=="),
        with("a revoked key", &revoked.value),
        with("an expired key", &expired.value),
        Refused::new("an unconfirmed account", Some(&unconfirmed.value), (403, UNCONFIRMED.into())),
        Refused::new("a locked account", Some(&locked.value), (403, lock_text.into())),
    ]
}

/// Those whose key is good for something else.
async fn others(app: &TestApp, owner: &KeyHolder<'_>) -> Vec<Refused> {
    let (alice, ivan) = (app.known_person("alice").await, app.person("ivan").await);
    let without = alice.key(&["show_dashboard"]).await;
    publish(owner, "adios", "1.0.0").await;
    let bound = alice.key_for_gem(&ALL, "adios").await;
    let named = alice.key_for_names(&ALL, &["adios", "nuevo"]).await;
    let globbed = alice.key_for_globs(&ALL, &["acme-*", "*-hola", "hola-*"]).await;
    make_owner(app, owner, "hola", "ivan", "owner").await;
    let lost = ivan.key_for_gem(&ALL, "hola").await;
    let free = ivan.key(&ALL).await;
    let removed = owner.form(Method::DELETE, &owners_of("hola"), &[("email", "ivan")]).await;
    assert_eq!(removed.status, 200);
    vec![
        Refused::new("a key without the grant", Some(&without.value), (403, NO_SCOPE.into())),
        Refused::on_gems("a key for another gem", &bound, OTHER_GEM),
        Refused::on_gems("a key for other names", &named, OTHER_GEM),
        Refused::on_gems("a key for other patterns", &globbed, OTHER_GEM),
        Refused::on_gems("a stranger", &app.person("judy").await.key(&ALL).await, ""),
        Refused::on_gems("a former owner", &free, ""),
        Refused::new("a key whose gem was lost", Some(&lost.value), (403, LOST.into())),
    ]
}

#[tokio::test]
async fn every_route_that_wants_a_key_refuses_all_others_and_nothing_changes() {
    let app = TestApp::start().await;
    let owner = gem_with_owners(&app).await;
    let mut refused = others(&app, &owner).await;
    refused.extend(nobodies(&app).await);
    let before = state(&app).await;
    let routes = entries(wants_key);
    assert!(routes.len() >= 10, "the table was walked");
    for entry in routes {
        let call = call(&entry);
        for someone in &refused {
            if someone.about_gem_only && !call.about_gem {
                continue;
            }
            let answer = call.by(&app, someone.authorization.as_deref()).await;
            let place = format!("{} for {}: {}", title(&entry), someone.who, answer.text());
            assert_eq!(answer.status, someone.status, "{place}");
            assert!(answer.text().contains(&someone.text), "{place}");
        }
        assert!(state(&app).await == before, "{} changed something", title(&entry));
    }
}

#[tokio::test]
async fn every_route_that_wants_a_key_works_with_the_right_one() {
    let app = TestApp::start().await;
    let owner = gem_with_owners(&app).await;
    for entry in entries(wants_key) {
        let answer = call(&entry).by(&app, Some(&owner.value)).await;
        assert!(answer.status.is_success(), "{}: {} {}", title(&entry), answer.status, answer.text());
    }
}

#[tokio::test]
async fn every_route_that_wants_a_password_refuses_all_else_and_nothing_changes() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&ALL).await;
    let (unconfirmed, locked) = (app.person("grace").await, app.person("heidi").await);
    unconfirmed.db_unconfirm().await;
    locked.db_lock().await;
    let before = state(&app).await;
    let body = format!("name=a&push_rubygem=true&api_key={}", key.value);
    for entry in entries(|access| access == Access::Password) {
        let path = format!("/rubygems{}", entry.path);
        let request = || app.request(entry.method.clone(), &path).body(body.clone());
        let with_key = request().header("authorization", &key.value);
        let wrong = request().basic_auth("alice", Some("wrong"));
        let as_locked = request().basic_auth("heidi", Some(testkit::PASSWORD));
        let key_as_password = request().basic_auth(&key.value, Some(""));
        for request in [request(), with_key, wrong, as_locked, key_as_password] {
            assert_eq!(send(request).await.status, 401, "{}", title(&entry));
        }
        let as_unconfirmed = send(request().basic_auth("grace", Some(testkit::PASSWORD))).await;
        assert_eq!(as_unconfirmed.status, 403, "{}", title(&entry));
        assert!(as_unconfirmed.text().contains(UNCONFIRMED), "{}", title(&entry));
    }
    assert!(state(&app).await == before);
}

#[tokio::test]
async fn every_route_that_wants_a_password_refuses_browsers_and_nothing_changes() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&ALL).await;
    let told = "This address is for programs such as `gem`, and not for browsers. To create an API key in a browser, sign in on the \
                pages of this server.\n";
    let before = state(&app).await;
    for entry in entries(|access| access == Access::Password) {
        let path = format!("/rubygems{}", entry.path);
        for (name, value) in [
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "image"),
            ("origin", "https://evil.test"),
            ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        ] {
            let request = app.request(entry.method.clone(), &path).header(name, value);
            let request = request.basic_auth("alice", Some(testkit::PASSWORD));
            let body = format!("name=a&push_rubygem=true&api_key={}", key.value);
            let answer = send(request.body(body)).await;
            assert_eq!(answer.told(), (403, told.to_owned()), "{} with {name}", title(&entry));
        }
    }
    assert!(state(&app).await == before);
}

#[tokio::test]
async fn every_route_that_changes_something_by_a_key_refuses_pages_of_other_sites() {
    let app = TestApp::start().await;
    let owner = gem_with_owners(&app).await;
    let before = state(&app).await;
    for entry in entries(wants_key).iter().filter(|entry| !entry.method.is_safe()) {
        for (name, value) in
            [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "null")]
        {
            let call = call(entry);
            let request = app.request(call.method, &call.path).header("authorization", &owner.value);
            let answer = send(request.header(name, value).body(call.body)).await;
            let told = "This request was sent by a page of another site, which may not do this.\n";
            assert_eq!(answer.told(), (403, told.to_owned()), "{} with {name}", title(entry));
        }
    }
    assert!(state(&app).await == before);
}

#[tokio::test]
async fn no_route_takes_a_secret_in_its_query() {
    let app = TestApp::start().await;
    let owner = gem_with_owners(&app).await;
    let before = state(&app).await;
    let told = "There is a secret in the query of this address. Addresses are kept in logs and histories: send keys and passwords \
                in a header or in the body, and replace this one.\n";
    let below = |base: &str, entries: &[RouteEntry]| -> Vec<(RouteEntry, String)> {
        entries.iter().map(|entry| (entry.clone(), format!("{base}{}", entry.path))).collect()
    };
    let gems = below("/rubygems", rubygems::routes().entries());
    for (entry, path) in gems.into_iter().chain(below("", web::routes().entries())) {
        let path = path.replace(['{', '}'], "");
        for query in ["api_key=x".to_owned(), "Password=x".to_owned(), format!("q={}", owner.value)] {
            let request = app.request(entry.method.clone(), &format!("{path}?a=b&{query}"));
            let answer = send(request.header("authorization", &owner.value)).await;
            assert_eq!(answer.told(), (400, told.to_owned()), "{}", title(&entry));
        }
    }
    assert!(state(&app).await == before);
}

#[tokio::test]
async fn every_refusal_says_its_reason_in_one_word_and_is_kept_by_nobody() {
    let app = TestApp::start().await;
    let owner = gem_with_owners(&app).await;
    let mut refused = others(&app, &owner).await;
    refused.extend(nobodies(&app).await);
    for someone in refused.iter().filter(|someone| !someone.text.is_empty()) {
        let push = app.request(Method::POST, "/rubygems/api/v1/gems").body(gem("hola", "2.0.0"));
        let answer = send(match &someone.authorization {
            Some(value) => push.header("authorization", value),
            None => push,
        })
        .await;
        let reason = answer.header("x-keyward-reason").unwrap_or_default();
        assert!(!reason.is_empty(), "{}", someone.who);
        let known = [
            "action_not_granted",
            "package_not_covered",
            "ownership_lost",
            "unknown",
            "expired",
            "account_unconfirmed",
            "account_locked",
        ];
        assert!(known.contains(&reason), "{}: {reason}", someone.who);
        if someone.who == "a revoked key" {
            assert_eq!(reason, "unknown", "that a value was a key once is told to nobody");
        }
        if someone.authorization.is_some() {
            assert_eq!(answer.header("cache-control"), Some("private, no-store"), "{}", someone.who);
        }
    }
}

#[tokio::test]
async fn a_refusal_in_the_format_of_the_path_stays_readable_for_clients() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let json = key.get("/rubygems/api/v1/gems.json").await;
    assert_eq!(json.told(), (403, format!("{{\"error\":\"{NO_SCOPE}\"}}")));
    let unknown = app.request(Method::GET, "/rubygems/api/v1/gems.json").header("authorization", "nonsense");
    assert_eq!(send(unknown).await.told(), denied(&app), "401 is plain text, since clients match on it");
}
