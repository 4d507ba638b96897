//! No list is without an end: what is shown has pages, and what an account or a package can have has a limit.

use std::collections::BTreeSet;

use domain::{Ecosystem, Expiry};
use registry::{Author, Error, KeySelection, NewKey};
use reqwest::{Method, StatusCode};
use testkit::{GemBuilder, Person, TestApp};

use crate::browser::Browser;

/// The operator at the command line.
const OPERATOR: Author<'static> = Author::Operator("operator");

/// What stands between two texts, wherever they occur.
fn between<'a>(html: &'a str, before: &'a str, after: &'a str) -> impl Iterator<Item = &'a str> {
    html.split(before).skip(1).filter_map(move |rest| rest.split(after).next())
}

/// The address behind the link to the next page.
fn next_page(html: &str) -> Option<String> {
    let before = html.split("\">Next page</a>").next().filter(|before| before.len() < html.len())?;
    let address = before.rsplit("href=\"").next()?;
    Some(address.replace("&#38;", "&").replace("&amp;", "&"))
}

/// The items on all pages of a list, and how many there are on each.
async fn walk(
    browser: &mut Browser<'_>,
    path: &str,
    before: &str,
    after: &str,
) -> (BTreeSet<String>, Vec<usize>) {
    let (mut all, mut sizes, mut path) = (BTreeSet::new(), Vec::new(), path.to_owned());
    loop {
        let html = browser.get(&path).await.html;
        let items: Vec<_> = between(&html, before, after).map(str::to_owned).collect();
        sizes.push(items.len());
        all.extend(items);
        match next_page(&html) {
            Some(next) => path = next,
            None => return (all, sizes),
        }
        assert!(sizes.len() < 10, "the list has an end: {sizes:?}");
    }
}

/// What a key for these globs is asked for with.
fn for_globs(globs: impl IntoIterator<Item = String>) -> NewKey {
    NewKey {
        name: "ci".to_owned(),
        words: vec!["package:push".to_owned()],
        selection: KeySelection::Patterns { names: Vec::new(), globs: globs.into_iter().collect() },
        expiry: Expiry::Default,
        otp_required: false,
    }
}

/// How many events there are of each of these kinds.
async fn counts(app: &TestApp, actions: [&str; 2]) -> [usize; 2] {
    let events = app.db_events().await;
    actions.map(|action| events.iter().filter(|event| *event == action).count())
}

async fn publish(person: &Person<'_>, name: &str) {
    let pushed = person.key(&["push_rubygem"]).await.push(GemBuilder::new(name, "1.0.0").build()).await;
    assert_eq!(pushed.status, StatusCode::OK);
}

#[tokio::test]
async fn the_list_of_keys_has_pages_which_keep_what_was_chosen() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let key = alice.key(&["push_rubygem"]).await;
    app.db_many_keys(key.id, 119).await;
    let revoked = alice.key(&["push_rubygem"]).await;
    app.registry().revoke_key(OPERATOR, revoked.id).await.expect("it can be revoked");
    app.db_many_keys(revoked.id, 30).await;

    let mut browser = Browser::signed_in(&app, "alice").await;
    let (before, after) = ("<tr role=\"row\" id=\"key-", "\"");
    let (keys, sizes) = walk(&mut browser, "/keys", before, after).await;
    assert_eq!((keys.len(), sizes), (120, vec![50, 50, 20]));
    let (gems, _) = walk(&mut browser, "/keys?ecosystem=rubygems", before, after).await;
    assert_eq!(gems, keys);
    let (with_revoked, sizes) = walk(&mut browser, "/keys?earlier=1", before, after).await;
    assert_eq!((with_revoked.len(), sizes), (151, vec![50, 50, 50, 1]));
    let (none, sizes) = walk(&mut browser, "/keys?ecosystem=nuget", before, after).await;
    assert_eq!((none.len(), sizes), (0, vec![0]));
    assert!(browser.get("/keys?from=nonsense").await.html.contains(before), "as if nothing were said");
}

#[tokio::test]
async fn the_warning_about_keys_that_end_names_some_and_leads_to_them() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let key = alice.key_for_seconds(&["push_rubygem"], 3600).await;
    app.db_many_keys(key.id, 70).await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let html = browser.get("/keys").await.html;
    let warning =
        between(&html, "class=\"warning\" role=\"status\">", "</p>").next().expect("it warns").to_owned();
    let links: Vec<_> = between(&warning, "href=\"", "\"").collect();
    assert_eq!(links.len(), 20);
    assert!(warning.contains("and others. Regenerate"), "{warning}");
    for link in links {
        let (path, anchor) = link.split_once('#').expect("it leads to a row");
        let page = browser.get(path).await.html;
        assert!(page.contains(&format!("id=\"{anchor}\"")), "{link}");
    }
}

#[tokio::test]
async fn an_account_has_at_most_1000_keys_that_work() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let short = alice.key_for_seconds(&["push_rubygem"], 3600).await;
    app.db_many_keys(short.id, 499).await;
    let key = alice.key(&["push_rubygem"]).await;
    app.db_many_keys(key.id, 499).await;

    let refusal =
        "An account can have at most 1000 API keys that work. Delete keys that are no longer needed.";
    let mut browser = Browser::signed_in(&app, "alice").await;
    let fields = [("name", "ci"), ("scope", "push_rubygem")];
    let refused = browser.submit("/keys/new/rubygems", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.html.contains(refusal) && refused.html.contains("value=\"ci\""), "{}", refused.html);
    let sign_in = alice
        .form(Method::POST, "/rubygems/api/v1/api_key", &[("name", "a"), ("push_rubygem", "true")])
        .await;
    assert_eq!(sign_in.told(), (422, refusal.to_owned()));

    app.registry().revoke_key(OPERATOR, key.id).await.expect("it can be revoked");
    assert_eq!(browser.submit("/keys/new/rubygems", &fields).await.status, StatusCode::CREATED);
    assert_eq!(browser.submit("/keys/new/rubygems", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    app.clock.advance(3600);
    let mut browser = Browser::signed_in(&app, "alice").await;
    assert_eq!(
        browser.submit("/keys/new/rubygems", &fields).await.status,
        StatusCode::CREATED,
        "expired ones do not count"
    );

    // A reset ends those that work, each with its event, and also those that had expired, with one for all.
    let actions = ["key.revoked", "keys.ended_revoked"];
    let before = counts(&app, actions).await;
    let reset = app.registry().reset_keys(OPERATOR, alice.id, Ecosystem::RubyGems).await;
    assert_eq!(reset.expect("keys can be reset"), 501);
    assert_eq!(counts(&app, actions).await, [before[0] + 501, before[1] + 1]);
    assert!(app.db_texts("SELECT name FROM keys WHERE revoked_at IS NULL").await.is_empty());
}

#[tokio::test]
async fn all_keys_of_an_account_have_at_most_10000_packages_and_patterns() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let registry = app.registry();
    let globs = |count: usize| (0..count).map(|number| format!("name{number}*"));
    let issue =
        async |count| registry.issue_key(OPERATOR, alice.id, Ecosystem::NuGet, for_globs(globs(count))).await;
    for _ in 0..19 {
        issue(500).await.expect("there is room");
    }
    let last = issue(499).await.expect("there is room").key;
    let refused = issue(2).await.expect_err("there is none").to_string();
    assert!(refused.contains("at most 10000 packages and patterns in all"), "{refused}");

    let edit = async |count| {
        let wanted = for_globs(globs(count)).selection;
        let selection = registry.resolve_selection(alice.id, Ecosystem::NuGet, wanted).await?;
        registry
            .edit_key(OPERATOR, last.id, domain::KeyEdit { selection: Some(selection), ..Default::default() })
            .await
    };
    edit(500).await.expect("one more is all that there is room for");
    issue(1).await.expect_err("now it is full");
    edit(400).await.expect("less is always possible");
    issue(100).await.expect("there is room again");
    assert!(matches!(edit(401).await, Err(Error::InvalidKey(_))));
}

#[tokio::test]
async fn an_account_has_at_most_100_sessions_and_the_oldest_end() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    alice.db_many_sessions(120).await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let kept = app.registry().sessions(alice.id).await.expect("sessions can be listed");
    let agents: BTreeSet<_> = kept.iter().map(|session| session.user_agent.clone()).collect();
    assert_eq!(kept.len(), 100);
    assert!(
        agents.contains("browser 120") && agents.contains("browser 22") && !agents.contains("browser 21")
    );
    assert_eq!(counts(&app, ["session.began", "session.ended"]).await, [1, 21]);
    let html = browser.get("/sessions").await.html;
    assert_eq!(between(&html, "<strong>", "</strong>").count(), 100);
}

#[tokio::test]
async fn the_activity_of_an_account_and_of_a_gem_has_pages() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    app.person("bob").await;
    publish(&alice, "hola").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    alice.db_many_events("hola", 120).await;

    for path in ["/events", "/gems/hola/events"] {
        let (events, sizes) = walk(&mut browser, path, "</span> test event_", " ").await;
        assert_eq!(events.len(), 120, "{path}: {sizes:?}");
        assert!(sizes.len() == 3 && sizes.iter().all(|size| *size <= 50), "{path}: {sizes:?}");
    }
    let gem = browser.get("/gems/hola").await.html;
    assert!(between(&gem, "</span> test event_", " ").count() <= 50);
    assert!(gem.contains("<a href=\"/gems/hola/events\">All activity</a>"), "{gem}");

    let mut bob = Browser::signed_in(&app, "bob").await;
    assert_eq!(bob.get("/gems/hola/events").await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/gems/nada/events").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_package_has_at_most_500_owners_and_100_open_invitations() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    app.person("bob").await;
    for gem in ["hola", "chau"] {
        publish(&alice, gem).await;
    }
    app.db_many_owners("hola", "owner", 499, true).await;
    app.db_many_owners("chau", "invited", 100, false).await;
    let key = alice.key(&["add_owner"]).await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    for (gem, refusal) in [
        (
            "hola",
            "a package can have at most 500 owners, including those who are invited: remove an owner first",
        ),
        ("chau", "a package can have at most 100 open invitations: revoke one that is no longer needed"),
    ] {
        let invited =
            key.form(Method::POST, &format!("/rubygems/api/v1/gems/{gem}/owners"), &[("email", "bob")]).await;
        assert_eq!(invited.told(), (409, refusal.to_owned()));
        let page =
            browser.submit(&format!("/gems/{gem}/owners"), &[("login", "bob"), ("role", "owner")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.html.contains(&refusal[2..]), "{}", page.html);
    }
    // An address that leads to no account is refused alike: nobody learns which ones do.
    for login in ["bob@example.com", "nobody@example.com"] {
        let invited = key.form(Method::POST, "/rubygems/api/v1/gems/chau/owners", &[("email", login)]).await;
        assert_eq!(invited.status, StatusCode::CONFLICT, "{login}");
    }
    let name = domain::PackageName::parse(Ecosystem::RubyGems, "hola").expect("it is a name");
    let added = app.registry().add_owner(OPERATOR, &name, "bob", domain::Role::Owner).await;
    assert!(added.expect_err("it is full for the operator, too").to_string().contains("at most 500 owners"));
}

#[tokio::test]
async fn the_end_of_an_account_names_some_of_its_packages_only() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    for number in 0..22 {
        publish(&alice, &format!("gem{number:02}")).await;
    }
    let told = app
        .registry()
        .delete_account(OPERATOR, alice.id)
        .await
        .expect_err("nobody else owns them")
        .to_string();
    assert!(told.contains("gem00") && told.contains("gem19, others") && !told.contains("gem20"), "{told}");
}
