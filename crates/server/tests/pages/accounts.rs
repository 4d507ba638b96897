use http::Method;
use http_kit::Access;
use registry::{NewUser, SignUp};
use reqwest::StatusCode;
use testkit::{OPERATOR, TestApp};

use crate::browser::{Browser, PASSWORD};

pub(crate) const ALICE: &str = "alice@example.com";

pub(crate) async fn open_app() -> TestApp {
    TestApp::start_with(|settings| settings.sign_up = SignUp::Open).await
}

/// The path of the newest link to a page in the mails to somebody.
pub(crate) async fn link(app: &TestApp, address: &str, page: &str) -> String {
    app.mailed_link(address, &format!("/{page}/")).await
}

pub(crate) async fn sign_up(browser: &mut Browser<'_>, handle: &str, email: &str) -> crate::browser::Page {
    browser.submit("/sign_up", &[("handle", handle), ("email", email), ("password", PASSWORD)]).await
}

#[tokio::test]
async fn somebody_makes_an_account_confirms_the_address_and_makes_a_key() {
    let app = open_app().await;
    let mut browser = Browser::open(&app);
    assert!(browser.get("/sign_in").await.html.contains("href=\"/sign_up\""));
    let made = sign_up(&mut browser, "alice", ALICE).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.html);
    let mut browser = Browser::signed_in(&app, "alice").await;
    assert!(browser.get("/keys").await.html.contains("Your mail address is not confirmed yet"));
    let key = [("name", "ci"), ("scope", "push_rubygem")];
    let refused = browser.submit("/keys/new/rubygems", &key).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "an unconfirmed account makes no keys");

    let confirm = link(&app, ALICE, "email/confirm").await;
    let page = browser.get(&confirm).await;
    assert!(page.html.contains(ALICE) && !page.html.contains("type=\"password\""), "{}", page.html);
    assert_eq!(browser.submit(&confirm, &[]).await.status, StatusCode::OK);
    assert!(!browser.get("/keys").await.html.contains("not confirmed"));
    assert_eq!(browser.submit("/keys/new/rubygems", &key).await.status, StatusCode::CREATED);
    assert_eq!(browser.get(&confirm).await.status, StatusCode::NOT_FOUND, "a link is good once");
}

#[tokio::test]
async fn a_link_alone_does_not_confirm_an_account_that_somebody_else_made() {
    let app = open_app().await;
    sign_up(&mut Browser::open(&app), "mallory", ALICE).await;
    let confirm = link(&app, ALICE, "email/confirm").await;
    let mut alice = Browser::open(&app);
    assert!(alice.get(&confirm).await.html.contains("type=\"password\""));
    let wrong = alice.submit(&confirm, &[("password", "not the password")]).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    app.person("bob").await;
    let mut bob = Browser::signed_in(&app, "bob").await;
    assert_eq!(
        bob.submit(&confirm, &[]).await.status,
        StatusCode::UNAUTHORIZED,
        "somebody else is signed in"
    );
    assert!(app.registry().find_account("mallory").await.unwrap().email_confirmed_at.is_none());
    let right = alice.submit(&confirm, &[("password", PASSWORD)]).await;
    assert_eq!(right.status, StatusCode::OK, "{}", right.html);
}

#[tokio::test]
async fn the_answers_never_tell_whether_an_address_has_an_account() {
    let app = open_app().await;
    app.person("alice").await;
    let mut browser = Browser::open(&app);
    let known = sign_up(&mut browser, "alice2", ALICE).await;
    let unknown = sign_up(&mut browser, "carol", "carol@example.com").await;
    assert_eq!((known.status, unknown.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(known.html, unknown.html.replace("carol@example.com", ALICE));
    assert_eq!(app.mail_subjects(ALICE).await, ["You have an account already"]);

    // What the two accounts show to others, and to whoever created them, is the same too.
    let unnamed = |html: String| {
        html.replace("alice2", "NAME").replace("carol@example.com", ALICE).replace("carol", "NAME")
    };
    let profile = |name: &str| format!("/rubygems/api/v1/profiles/{name}.json");
    let (known, unknown) = (app.get(&profile("alice2")).await, app.get(&profile("carol")).await);
    assert_eq!((known.status, unknown.status), (StatusCode::OK, StatusCode::OK));
    let (mut known, mut unknown) =
        (Browser::signed_in(&app, "alice2").await, Browser::signed_in(&app, "carol").await);
    for page in ["/settings", "/keys"] {
        let (known, unknown) = (known.get(page).await.html, unknown.get(page).await.html);
        assert_eq!(unnamed(known), unnamed(unknown), "{page}");
    }
    let by_address = |email: &'static str| [("login", email), ("password", PASSWORD)];
    let mut stranger = Browser::open(&app);
    let wrong = [("login", ALICE), ("password", "a password of nobody")];
    assert_eq!(stranger.submit("/sign_in", &wrong).await.status, StatusCode::UNAUTHORIZED);
    let unconfirmed = stranger.submit("/sign_in", &by_address("carol@example.com")).await;
    assert_eq!(unconfirmed.status, StatusCode::UNAUTHORIZED, "an address counts once it is confirmed");

    let known = browser.submit("/password/forgotten", &[("login", "alice")]).await;
    let unknown = browser.submit("/password/forgotten", &[("login", "nobody")]).await;
    assert_eq!((known.status, &known.html), (unknown.status, &unknown.html));

    // A name that is taken is said, with and without an account for the address.
    for email in [ALICE, "dave@example.com"] {
        let taken = sign_up(&mut browser, "ALICE", email).await;
        assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(taken.html.contains("This name is taken") && taken.html.contains(email), "{}", taken.html);
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays() {
    let app = open_app().await;
    let mut browser = Browser::open(&app);
    let page =
        browser.submit("/sign_up", &[("handle", "1x"), ("email", "nonsense"), ("password", "short")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.html.matches("aria-invalid").count(), 3);
    assert!(page.html.contains("value=\"1x\"") && page.html.contains("value=\"nonsense\""));
    assert!(!page.html.contains("short\""), "a password is never sent back");
}

#[tokio::test]
async fn without_open_sign_up_only_the_invited_make_accounts() {
    let app = TestApp::start().await;
    let boss = NewUser { handle: "boss", email: "boss@example.com", password: PASSWORD, is_admin: true };
    app.registry().add_user(OPERATOR, &boss).await.unwrap();
    app.person("bob").await;
    let mut visitor = Browser::open(&app);
    assert_eq!(visitor.get("/sign_up").await.status, StatusCode::FORBIDDEN);
    assert_eq!(sign_up(&mut visitor, "alice", ALICE).await.status, StatusCode::FORBIDDEN);
    let mut bob = Browser::signed_in(&app, "bob").await;
    let refused = bob.submit("/settings/invitations", &[("invite", ALICE)]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "only administrators invite");

    let mut boss = Browser::signed_in(&app, "boss").await;
    let again = boss.submit("/settings/invitations", &[("invite", "bob@example.com")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_eq!(boss.submit("/settings/invitations", &[("invite", ALICE)]).await.status, StatusCode::OK);
    let invitation = link(&app, ALICE, "sign_up").await;
    assert!(visitor.get(&invitation).await.html.contains(ALICE));
    let taken = visitor.submit(&invitation, &[("handle", "bob"), ("password", PASSWORD)]).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY, "the invitation is still good");
    let fields = [("handle", "alice"), ("password", PASSWORD), ("email", "other@example.com")];
    assert_eq!(visitor.submit(&invitation, &fields).await.status, StatusCode::CREATED);
    let alice = app.registry().find_account("alice").await.unwrap();
    assert_eq!(alice.email.as_deref(), Some(ALICE), "the address is the one that was invited");
    assert!(alice.email_confirmed_at.is_some() && !alice.is_admin);
    assert_eq!(visitor.get(&invitation).await.status, StatusCode::NOT_FOUND, "an invitation is good once");
}

#[tokio::test]
async fn an_invitation_ends_when_the_operator_closes_the_server() {
    let mut app = TestApp::start().await;
    app.registry().invite_user(OPERATOR, ALICE).await.unwrap();
    let invitation = link(&app, ALICE, "sign_up").await;
    assert_eq!(Browser::open(&app).get(&invitation).await.status, StatusCode::OK);
    app.settings.sign_up = SignUp::Closed;
    app.restart().await;
    let mut visitor = Browser::open(&app);
    for page in [
        visitor.get(&invitation).await,
        visitor.submit(&invitation, &[("handle", "alice"), ("password", PASSWORD)]).await,
    ] {
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.html.contains("Accounts are made by the administrators"), "{}", page.html);
    }
    assert!(app.registry().find_account("alice").await.is_err());
}

#[tokio::test]
async fn a_closed_server_invites_nobody() {
    let app = TestApp::start_with(|settings| settings.sign_up = SignUp::Closed).await;
    let boss = NewUser { handle: "boss", email: "boss@example.com", password: PASSWORD, is_admin: true };
    app.registry().add_user(OPERATOR, &boss).await.unwrap();
    let mut boss = Browser::signed_in(&app, "boss").await;
    assert!(!boss.get("/settings").await.html.contains("Invite somebody"));
    let refused = boss.submit("/settings/invitations", &[("invite", ALICE)]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_new_address_counts_when_it_is_confirmed_and_the_old_one_hears_of_it() {
    let app = TestApp::start().await;
    app.person("alice").await;
    app.person("bob").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let taken = browser.submit("/settings/email", &[("email", "bob@example.com")]).await;
    assert_eq!(app.mail_subjects("bob@example.com").await, ["You have an account already"]);
    let asked = browser.submit("/settings/email", &[("email", "new@example.com")]).await;
    assert!(asked.html.contains("We sent a link to new@example.com"), "{}", asked.html);
    let unnamed = |html: &str, email: &str| html.replace(email, "EMAIL");
    assert_eq!(
        unnamed(&taken.html, "bob@example.com"),
        unnamed(&asked.html, "new@example.com"),
        "the page does not tell who is here"
    );
    assert!(browser.get("/settings").await.html.contains("new@example.com waits to be confirmed"));
    let now = || async { app.registry().find_account("alice").await.unwrap().email };
    assert_eq!(now().await.as_deref(), Some(ALICE));
    let confirm = link(&app, "new@example.com", "email/confirm").await;
    assert_eq!(browser.submit(&confirm, &[]).await.status, StatusCode::OK);
    assert_eq!(now().await.as_deref(), Some("new@example.com"));
    assert_eq!(app.mail_subjects(ALICE).await, ["Your mail address was changed"]);
    let nonsense = browser.submit("/settings/email", &[("email", "nonsense")]).await;
    assert_eq!(nonsense.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nonsense.html.contains("value=\"nonsense\"") && nonsense.html.contains("aria-invalid"));
}

#[tokio::test]
async fn a_sign_in_from_a_new_browser_is_told_and_one_from_a_known_browser_is_not() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut laptop = Browser::signed_in(&app, "alice").await;
    assert_eq!(app.mail_subjects(ALICE).await, [""; 0], "the first browser is no news");
    Browser::signed_in(&app, "alice").await;
    assert_eq!(app.mail_subjects(ALICE).await, ["A sign-in from a new browser"]);
    laptop.submit("/sign_out", &[]).await;
    laptop.submit("/sign_in", &[("login", "alice"), ("password", PASSWORD)]).await;
    assert_eq!(laptop.get("/keys").await.status, StatusCode::OK);
    assert_eq!(app.mail_subjects(ALICE).await.len(), 1, "a known browser");
}

#[tokio::test]
async fn a_deleted_account_opens_nothing_and_its_name_stays_taken() {
    let app = open_app().await;
    let (alice, bob) = (app.person("alice").await, app.person("bob").await);
    let key = alice.key(&["push_rubygem"]).await;
    let pushed = key.push(testkit::GemBuilder::new("hola", "1.0.0").build()).await;
    assert_eq!(pushed.status, 200, "{}", pushed.text());
    let mut browser = Browser::signed_in(&app, "alice").await;
    let page = browser.get("/settings/delete").await;
    assert!(page.html.contains("You are the only owner of hola"), "{}", page.html);
    let refused = browser.submit("/settings/delete", &[]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.html.contains("only owner of hola"), "{}", refused.html);

    let invited = alice.form(Method::POST, "/rubygems/api/v1/gems/hola/owners", &[("email", "bob")]).await;
    assert_ne!(invited.status, 200, "a password is no key there");
    let owners = alice.key(&["add_owner"]).await;
    owners.form(Method::POST, "/rubygems/api/v1/gems/hola/owners", &[("email", "bob")]).await;
    let accept = link(&app, "bob@example.com", "owners/confirm").await;
    Browser::open(&app).submit(&accept, &[]).await;
    assert!(browser.get("/settings/delete").await.html.contains("You leave the packages hola"));
    let gone = browser.submit("/settings/delete", &[]).await;
    assert_eq!(gone.status, StatusCode::OK, "{}", gone.html);

    assert_eq!(browser.get("/keys").await.status, StatusCode::SEE_OTHER);
    assert_eq!(key.push(testkit::GemBuilder::new("hola", "1.1.0").build()).await.status, 401);
    let again = Browser::open(&app).submit("/sign_in", &[("login", "alice"), ("password", PASSWORD)]).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    assert!(app.mail_subjects(ALICE).await.contains(&"Your account was deleted".to_owned()));
    let taken = sign_up(&mut Browser::open(&app), "alice", "new@example.com").await;
    assert!(taken.html.contains("This name is taken"), "{}", taken.html);
    let free = sign_up(&mut Browser::open(&app), "alice2", ALICE).await;
    assert_eq!(free.status, StatusCode::CREATED, "the address is free again");
    assert!(app.registry().find_account("alice2").await.is_ok());
    let bobs = bob.key(&["push_rubygem"]).await;
    assert_eq!(bobs.push(testkit::GemBuilder::new("hola", "1.2.0").build()).await.status, 200);
}

#[tokio::test]
async fn the_only_administrator_stays() {
    let app = TestApp::start().await;
    let boss = NewUser { handle: "boss", email: "boss@example.com", password: PASSWORD, is_admin: true };
    app.registry().add_user(OPERATOR, &boss).await.unwrap();
    let refused = Browser::signed_in(&app, "boss").await.submit("/settings/delete", &[]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn of_two_administrators_who_go_at_once_one_stays() {
    let app = TestApp::start().await;
    let mut ids = Vec::new();
    for handle in ["ann", "ben"] {
        let email = format!("{handle}@example.com");
        let user = NewUser { handle, email: &email, password: PASSWORD, is_admin: true };
        ids.push(app.registry().add_user(OPERATOR, &user).await.unwrap());
    }
    let go = |id| app.registry().delete_account(OPERATOR, id);
    let (ann, ben) = tokio::join!(go(ids[0]), go(ids[1]));
    assert!(ann.is_ok() != ben.is_ok(), "{ann:?} {ben:?}");
    assert_eq!(app.registry().account_page("", 10).await.unwrap().0.len(), 1);
}

#[tokio::test]
async fn each_change_of_an_account_is_one_event() {
    let app = open_app().await;
    let mut browser = Browser::open(&app);
    sign_up(&mut browser, "alice", ALICE).await;
    app.clock.advance(1);
    let id = app.registry().find_account("alice").await.unwrap().id;
    let told = || async {
        let events = app.registry().account_events(id, None).await.unwrap().0;
        events.into_iter().rev().map(|event| event.action).collect::<Vec<_>>()
    };
    let confirm = link(&app, ALICE, "email/confirm").await;
    app.clock.advance(1);
    browser.submit(&confirm, &[("password", PASSWORD)]).await;
    app.clock.advance(1);
    let mut browser = Browser::signed_in(&app, "alice").await;
    app.clock.advance(1);
    browser.submit("/settings/password", &[("password", "a new long password")]).await;
    app.clock.advance(1);
    browser.submit("/settings/email", &[("email", "new@example.com")]).await;
    app.clock.advance(1);
    let confirm = link(&app, "new@example.com", "email/confirm").await;
    app.clock.advance(1);
    browser.submit(&confirm, &[]).await;
    app.clock.advance(1);
    browser.submit("/password/forgotten", &[("login", "alice")]).await;
    let reset = link(&app, "new@example.com", "password/reset").await;
    app.clock.advance(1);
    browser.submit(&reset, &[("password", "another long password")]).await;
    app.clock.advance(1);
    app.registry().delete_account(OPERATOR, id).await.unwrap();
    assert_eq!(
        told().await,
        [
            "account.created",
            "account.link_sent",
            "account.email_confirmed",
            "session.began",
            "account.password_changed",
            "account.confirmation_requested",
            "account.link_sent",
            "account.email_changed",
            "account.link_sent",
            "account.password_changed",
            "account.deleted"
        ]
    );
}

#[tokio::test]
async fn every_page_behind_a_link_is_closed_to_whoever_has_not_got_it() {
    let app = open_app().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let mut walked = 0;
    for route in web::routes().entries().iter().filter(|route| route.access == Access::Link) {
        for token in ["x", &"0".repeat(43)] {
            let path = route.path.replace("{token}", token);
            let fields =
                [("token", token), ("handle", "eve"), ("email", ALICE), ("password", "a long password")];
            let page = match route.method {
                Method::GET => browser.get(&path).await,
                _ => browser.submit(&path, &fields).await,
            };
            let refused = matches!(page.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
            assert!(refused, "{} {path}: {}", route.method, page.status);
        }
        walked += 1;
    }
    assert!(walked >= 10, "the table of routes has the pages behind links");
}
