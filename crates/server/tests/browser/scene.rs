//! A server in use, for the walk: people, gems with long and short texts, and keys in every state that a key can have.

use std::collections::BTreeMap;

use domain::{Ecosystem, Expiry};
use registry::{KeySelection, NewKey, SignUp};
use reqwest::Method;
use testkit::{GemBuilder, KeyHolder, OPERATOR, PASSWORD, Person, TestApp, send};

/// What the walk looks at.
pub(crate) struct Scene {
    pub(crate) app: TestApp,
    /// The ids of alice's keys, by name.
    keys: BTreeMap<String, String>,
    /// What was mailed to people, by the page that it leads to.
    links: BTreeMap<&'static str, String>,
}

/// A gem whose name is as long as a careless script makes it.
pub(crate) const LONG_NAME: &str =
    "activerecord-multi-tenant-partitioned-attribute-encryption-adapter-postgis";

impl Scene {
    /// A server that nobody has an account on.
    pub(crate) async fn empty() -> Self {
        Self { app: TestApp::start().await, keys: BTreeMap::new(), links: BTreeMap::new() }
    }

    /// A server that has been in use for a while; alice is the one to look at.
    pub(crate) async fn in_use() -> Self {
        let app = TestApp::start_with(|settings| settings.sign_up = SignUp::Open).await;
        let alice = app.person("alice").await;
        app.person("bob").await;
        app.person("carol").await;
        let publisher = alice.key(&["push_rubygem", "yank_rubygem", "add_owner"]).await;
        publish(&publisher).await;
        lose(&app, &alice, &publisher).await;
        make_keys(&app, &alice).await;
        app.clock.advance_days(23);
        invite(&publisher, "hola", "carol").await;
        let links = send_links(&app).await;
        let keys = app.registry().keys(alice.id).await.expect("keys can be listed");
        let keys = keys.into_iter().map(|key| (key.name, key.id.to_string())).collect();
        Self { app, keys, links }
    }

    /// The id of one of alice's keys.
    pub(crate) fn key(&self, name: &str) -> &str {
        &self.keys[name]
    }

    /// The link that somebody got to this page.
    pub(crate) fn link(&self, page: &str) -> String {
        self.links[page].clone()
    }

    /// Where the first account is made.
    pub(crate) fn setup(&self) -> String {
        let url = self.app.running().announcement().setup_url.clone().expect("there is no account yet");
        url.strip_prefix(&self.app.base()).expect("the address is that of the server").to_owned()
    }
}

/// People make accounts, are invited, and forget passwords. Alice is an administrator now.
async fn send_links(app: &TestApp) -> BTreeMap<&'static str, String> {
    app.db_execute("UPDATE accounts SET is_admin = TRUE WHERE handle = 'alice'").await;
    let password = PASSWORD.replace(' ', "+");
    let dave = format!("handle=dave&email=dave%40example.com&password={password}");
    submit(app, "/sign_up", dave).await;
    submit(app, "/password/forgotten", "login=bob".to_owned()).await;
    app.registry().invite_user(OPERATOR, "erin@example.com").await.expect("erin can be invited");
    let mut links = BTreeMap::new();
    for (page, person) in [
        ("/owners/confirm/", "carol"),
        ("/email/confirm/", "dave"),
        ("/password/reset/", "bob"),
        ("/sign_up/", "erin"),
    ] {
        links.insert(page, app.mailed_link(&format!("{person}@example.com"), page).await);
    }
    links
}

async fn submit(app: &TestApp, path: &str, fields: String) {
    let request = app
        .request(Method::POST, path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(fields);
    let answer = send(request).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.text());
}

/// A readme with a bit of everything.
const README: &str = "# Hola\n\nSays *hello* in [many languages](https://example.com/languages).\n\n## Use\n\n```ruby\n\
    Hola.greet(\"everybody who reads this line, which is much longer than a telephone is wide, as lines often are\")\n```\n\n\
    | hour | greeting |\n|:---|---:|\n| 8 | buenos días |\n| 21 | buenas noches |\n\n> Nobody is greeted twice.\n\n\
    ![a picture](https://example.com/hola.png) <p onclick='alert(1)'>left out</p>\n";

async fn publish(key: &KeyHolder<'_>) {
    let hola = GemBuilder::new("hola", "1.0.0").summary("Says hello in Spanish");
    key.push(hola.build()).await;
    key.yank("hola", "1.0.0").await;
    let hola = GemBuilder::new("hola", "1.2.0")
        .summary("Says hello in Spanish, and in the other languages of the peninsula")
        .description("A greeting for every hour of the day.\n\nHola knows when it is morning, and says so.")
        .authors(&["Alicia Gómez", "Roberto Díaz"])
        .license("MIT")
        .dependency("rack", ">= 2.2, < 4")
        .dependency("zeitwerk", "~> 2.6")
        .metadata(
            "source_code_uri",
            "https://example.com/alice/hola/a/rather/long/path/to/the/sources/of/this/gem",
        )
        .metadata("changelog_uri", "https://example.com/alice/hola/changelog")
        .file("README.md", README);
    key.push(hola.build()).await;
    key.push(GemBuilder::new("hola", "2.0.0.rc1").summary("Says hello").build()).await;
    key.push(GemBuilder::new(LONG_NAME, "0.0.1").summary("Shows that long names find their place").build())
        .await;
    key.push(GemBuilder::new("chau", "1.0.0").summary("Says goodbye").build()).await;
}

async fn invite(key: &KeyHolder<'_>, gem: &str, handle: &str) {
    let path = format!("/rubygems/api/v1/gems/{gem}/owners");
    let answer = key.form(Method::POST, &path, &[("email", handle), ("role", "owner")]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// Alice has a key for one gem, hands the gem over to bob, and is removed by him.
async fn lose(app: &TestApp, alice: &Person<'_>, publisher: &KeyHolder<'_>) {
    make(
        app,
        alice,
        Ecosystem::RubyGems,
        key("goodbye releases", &["push_rubygem"], owned("chau"), Expiry::Never),
    )
    .await;
    invite(publisher, "chau", "bob").await;
    let link = app.mailed_link("bob@example.com", "/owners/confirm/").await;
    send(app.request(Method::POST, &link)).await;
    let bob = app.known_person("bob").await.key(&["remove_owner"]).await;
    let removed = bob
        .form(Method::DELETE, "/rubygems/api/v1/gems/chau/owners", &[("email", "alice@example.com")])
        .await;
    assert_eq!(removed.status, 200, "{}", removed.text());
}

async fn make_keys(app: &TestApp, alice: &Person<'_>) {
    let gems = [
        key("hola releases", &["push_rubygem", "yank_rubygem"], owned("hola"), Expiry::Never),
        key("laptop", EVERYTHING, KeySelection::Any, Expiry::Never),
        key("an-old-token-from-before-there-were-scopes", EVERYTHING, KeySelection::Any, Expiry::Never),
        key("dashboard", &["show_dashboard"], KeySelection::Any, Expiry::Never),
        key("august sprint", &["push_rubygem"], KeySelection::Any, Expiry::Days(9)),
        key("thrown away", &["push_rubygem"], KeySelection::Any, Expiry::Never),
    ];
    for wanted in gems {
        make(app, alice, Ecosystem::RubyGems, wanted).await;
    }
    let globs = patterns(&["Contoso.Tools"], &["Fabrikam.Service.*", "Fabrikam.Library.Internal.*"]);
    let nightly = key("Nightly build", &["package:push", "package:unlist"], globs, Expiry::Days(30));
    make(app, alice, Ecosystem::NuGet, nightly).await;
    let modules = key("Modules", &["package:pushnew"], patterns(&[], &["*"]), Expiry::Days(1));
    make(app, alice, Ecosystem::PowerShell, modules).await;
    let thrown = app.registry().keys(alice.id).await.expect("keys can be listed");
    let thrown = thrown.iter().find(|key| key.name == "thrown away").expect("it was made").id;
    app.registry().revoke_key(OPERATOR, thrown).await.expect("it can be deleted");
    app.db_execute("UPDATE keys SET kind = 'legacy' WHERE name LIKE 'an-old-token%'").await;
}

const EVERYTHING: &[&str] = &[
    "index_rubygems",
    "push_rubygem",
    "yank_rubygem",
    "add_owner",
    "update_owner",
    "remove_owner",
    "access_webhooks",
    "configure_trusted_publishers",
];

fn key(name: &str, words: &[&str], selection: KeySelection, expiry: Expiry) -> NewKey {
    let words = words.iter().map(|&word| word.to_owned()).collect();
    NewKey { name: name.to_owned(), words, selection, expiry, otp_required: false }
}

fn owned(gem: &str) -> KeySelection {
    KeySelection::Owned(gem.to_owned())
}

fn patterns(names: &[&str], globs: &[&str]) -> KeySelection {
    let texts = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    KeySelection::Patterns { names: texts(names), globs: texts(globs) }
}

async fn make(app: &TestApp, owner: &Person<'_>, ecosystem: Ecosystem, wanted: NewKey) {
    app.registry().issue_key(OPERATOR, owner.id, ecosystem, wanted).await.expect("the key can be made");
}
