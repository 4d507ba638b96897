//! The page of a gem's owners.

use reqwest::StatusCode;
use testkit::{GemBuilder, KeyHolder, TestApp};

use crate::browser::{Browser, Page};

/// A gem of alice, and her key.
async fn hola(app: &TestApp) -> KeyHolder<'_> {
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    assert_eq!(key.push(GemBuilder::new("hola", "1.0.0").build()).await.status, StatusCode::OK);
    key
}

/// The links in all mails to somebody, oldest first.
async fn links(app: &TestApp, name: &str) -> Vec<String> {
    let mails = app.mails_to(&format!("{name}@example.com")).await;
    let link = |mail: &String| {
        let plain = mail.replace("=\r\n", "").replace("=\n", "");
        let start = plain.find("/owners/confirm/")?;
        plain[start..].split(|c: char| c.is_whitespace() || c == '"' || c == '<').next().map(str::to_owned)
    };
    mails.iter().filter_map(link).collect()
}

async fn change(browser: &mut Browser<'_>, what: &str, fields: &[(&str, &str)]) -> Page {
    browser.submit(&format!("/gems/hola/owners{what}"), fields).await
}

/// Makes somebody an owner by invitation.
async fn confirmed(app: &TestApp, alice: &mut Browser<'_>, name: &str, role: &str) {
    app.person(name).await;
    let invited = change(alice, "", &[("login", name), ("role", role)]).await;
    assert_eq!(invited.location.as_deref(), Some("/gems/hola/owners"), "{}", invited.html);
    let link = links(app, name).await.pop().expect("the invitation is sent");
    assert_eq!(Browser::open(app).submit(&link, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_invitation_is_sent_again_and_taken_back() {
    let app = TestApp::start().await;
    hola(&app).await;
    app.person("bob").await;
    let mut alice = Browser::signed_in(&app, "alice").await;
    assert!(alice.get("/gems/hola").await.html.contains("href=\"/gems/hola/owners\""));
    change(&mut alice, "", &[("login", "Bob@example.com"), ("role", "maintainer")]).await;
    let page = alice.get("/gems/hola/owners").await.html;
    assert!(page.contains("maintainer, not confirmed"), "{page}");
    let first = links(&app, "bob").await.pop().expect("the invitation is sent");
    app.clock.advance(48 * 3600);
    let mut alice = Browser::signed_in(&app, "alice").await;
    assert!(alice.get("/gems/hola/owners").await.html.contains("has not worked since"));
    change(&mut alice, "/resend", &[("login", "bob@example.com")]).await;
    let both = links(&app, "bob").await;
    let second = both.iter().find(|link| **link != first).expect("another link is sent").clone();
    let mut bob = Browser::open(&app);
    assert_eq!(bob.get(&first).await.status, StatusCode::NOT_FOUND, "the link before is dead");
    assert_eq!(bob.get(&second).await.status, StatusCode::OK);
    let asked = alice.get("/gems/hola/owners/remove?login=Bob@example.com").await.html;
    assert!(asked.contains("Take the invitation of Bob@example.com"), "{asked}");
    assert_eq!(bob.get(&second).await.status, StatusCode::OK, "asking changes nothing");
    change(&mut alice, "/remove", &[("login", "bob@example.com")]).await;
    assert_eq!(bob.get(&second).await.status, StatusCode::NOT_FOUND);
    let invited_again =
        app.db_events().await.into_iter().filter(|event| event == "owner.invited_again").count();
    assert_eq!(invited_again, 1);
}

#[tokio::test]
async fn what_speaks_against_an_invitation_is_said_beside_what_was_typed() {
    let app = TestApp::start().await;
    hola(&app).await;
    app.person("bob").await;
    let mut alice = Browser::signed_in(&app, "alice").await;
    for (login, reason) in [
        ("nobody", "There is no account with this name or mail address."),
        ("alice", "This account is an owner already."),
    ] {
        let page = change(&mut alice, "", &[("login", login), ("role", "maintainer")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.html.contains(reason) && page.html.contains("aria-invalid=\"true\""), "{}", page.html);
        assert!(page.html.contains(&format!("value=\"{login}\"")), "what was typed is kept: {}", page.html);
    }
    change(&mut alice, "", &[("login", "bob")]).await;
    let again = change(&mut alice, "", &[("login", "bob")]).await.html;
    assert!(again.contains("This account is invited already."), "{again}");
    let no_role = change(&mut alice, "", &[("login", "bob"), ("role", "king")]).await;
    assert_eq!(no_role.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn roles_change_and_owners_go_but_never_the_last_one() {
    let app = TestApp::start().await;
    hola(&app).await;
    let mut alice = Browser::signed_in(&app, "alice").await;
    let last = change(&mut alice, "/remove", &[("login", "alice")]).await;
    assert!(last.html.contains("The last owner cannot be removed"), "{}", last.html);
    confirmed(&app, &mut alice, "bob", "owner").await;
    let own = change(&mut alice, "/role", &[("login", "alice"), ("role", "maintainer")]).await;
    assert!(own.html.contains("You cannot change your own role"), "{}", own.html);
    change(&mut alice, "/role", &[("login", "bob"), ("role", "maintainer")]).await;
    assert!(app.get("/gems/hola").await.text().contains("bob (maintainer)"));
    let mut bob = Browser::signed_in(&app, "bob").await;
    assert_eq!(bob.get("/gems/hola/owners").await.status, StatusCode::FORBIDDEN, "a maintainer may not");
    assert!(!bob.get("/gems/hola").await.html.contains("/gems/hola/owners\""));
    change(&mut alice, "/role", &[("login", "bob"), ("role", "owner")]).await;
    let left = change(&mut alice, "/remove", &[("login", "alice")]).await;
    assert_eq!(left.location.as_deref(), Some("/gems/hola"), "whoever leaves is led to the gem");
    assert_eq!(alice.get("/gems/hola/owners").await.status, StatusCode::FORBIDDEN);
    assert!(bob.get("/gems/hola/owners").await.html.contains("bob"));
}

#[tokio::test]
async fn nobody_but_owners_with_a_fresh_password_changes_owners() {
    let app = TestApp::start().await;
    hola(&app).await;
    app.person("mallory").await;
    let mut mallory = Browser::signed_in(&app, "mallory").await;
    for what in ["", "/role", "/resend", "/remove"] {
        let fields = [("login", "mallory"), ("role", "owner")];
        let refused = change(&mut mallory, what, &fields).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{what}");
        let nobody = change(&mut Browser::open(&app), what, &fields).await;
        assert!(nobody.location.is_some_and(|to| to.starts_with("/sign_in")), "{what}");
        let foreign = mallory.submit_from_elsewhere(&format!("/gems/hola/owners{what}"), &fields).await;
        assert_eq!(foreign.status, StatusCode::FORBIDDEN, "{what}");
    }
    assert!(mallory.get("/gems/hola/owners").await.html.contains("Only owners of the package"));
    let mut alice = Browser::signed_in(&app, "alice").await;
    app.clock.advance(601);
    let stale = change(&mut alice, "", &[("login", "mallory")]).await;
    assert!(stale.location.is_some_and(|to| to.starts_with("/verify")), "the password is asked again");
    assert!(!app.db_events().await.iter().any(|event| event.starts_with("owner.")));
}

#[tokio::test]
async fn an_invitation_is_sent_five_times_an_hour() {
    let app = TestApp::start().await;
    hola(&app).await;
    app.person("bob").await;
    let mut alice = Browser::signed_in(&app, "alice").await;
    change(&mut alice, "", &[("login", "bob")]).await;
    for _ in 0..4 {
        let sent = change(&mut alice, "/resend", &[("login", "bob")]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.html);
    }
    let sixth = change(&mut alice, "/resend", &[("login", "bob")]).await;
    assert_eq!(sixth.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn an_invitation_to_an_address_never_tells_whether_it_has_an_account() {
    let app = TestApp::start().await;
    hola(&app).await;
    app.person("bob").await;
    app.person("carol").await;
    let mut alice = Browser::signed_in(&app, "alice").await;
    // Carol is invited by her name too: what her address is told must not show that she is the same.
    change(&mut alice, "", &[("login", "carol")]).await;
    app.clock.advance(1);
    let addresses = ["bob@example.com", "nobody@example.com", "carol@example.com"];
    let unnamed = |page: &Page, address: &str| {
        let typed = [address.to_owned(), address.to_uppercase(), address.replace('@', "%40")];
        typed.iter().fold(page.html.clone(), |html, typed| html.replace(typed, "ADDRESS"))
    };
    let mut told = Vec::new();
    for address in addresses {
        let invited = change(&mut alice, "", &[("login", address)]).await;
        assert_eq!(invited.location.as_deref(), Some("/gems/hola/owners"), "{}", invited.html);
        let listed = alice.get("/gems/hola/owners").await;
        let again = change(&mut alice, "", &[("login", &address.to_uppercase())]).await;
        let resent = change(&mut alice, "/resend", &[("login", address)]).await;
        let asked = alice.get(&format!("/gems/hola/owners/remove?login={address}")).await;
        app.settle().await;
        let removed = change(&mut alice, "/remove", &[("login", address)]).await;
        let gone = change(&mut alice, "/remove", &[("login", address)]).await;
        let pages = [listed, again, resent, asked, removed, gone];
        let pages = pages.map(|page| (page.status, page.location.clone(), unnamed(&page, address)));
        told.push(pages);
        app.clock.advance(1);
    }
    assert!(told[0][0].2.contains("ADDRESS"), "the list shows what was typed: {}", told[0][0].2);
    assert!(!told[0][0].2.contains("bob"), "{}", told[0][0].2);
    assert!(told[0] == told[1], "no account");
    assert!(told[0] == told[2], "invited by its name");
    assert_eq!(
        app.mail_subjects("nobody@example.com").await,
        ["alice invited you to own the hola package"; 2]
    );
    assert_eq!(app.mail_subjects("carol@example.com").await.len(), 1, "the invitation by her name");

    let owners = "/rubygems/api/v1/gems/hola/owners";
    let key = app.known_person("alice").await.key(&["add_owner", "remove_owner"]).await;
    for address in addresses {
        let added = key.form(reqwest::Method::POST, owners, &[("email", address)]).await;
        assert_eq!(added.status, StatusCode::OK);
        assert!(
            added.text().starts_with(&format!("{address} was added as an unconfirmed owner.")),
            "{}",
            added.text()
        );
        let twice = key.form(reqwest::Method::POST, owners, &[("email", address)]).await;
        assert_eq!(twice.told(), (422, "User is already invited to this gem".to_owned()));
        let by_name = address.split('@').next().unwrap();
        if by_name == "bob" {
            let guessed = key.form(reqwest::Method::DELETE, owners, &[("email", by_name)]).await;
            assert_eq!(guessed.status, StatusCode::NOT_FOUND, "a guess of the name finds nothing");
        }
    }
    let bobs = links(&app, "bob").await.pop().expect("bob's invitation is real");
    assert_eq!(Browser::open(&app).submit(&bobs, &[]).await.status, StatusCode::OK);
    assert!(alice.get("/gems/hola/owners").await.html.contains("bob"), "an owner is known by name");
}

#[tokio::test]
async fn an_owner_sends_twenty_invitations_an_hour_and_nobody_gets_more_than_five() {
    let app = TestApp::start().await;
    hola(&app).await;
    let key = app.known_person("alice").await.key(&["push_rubygem", "add_owner", "remove_owner"]).await;
    let invite = async |gem: &str, login: &str| {
        let path = format!("/rubygems/api/v1/gems/{gem}/owners");
        key.form(reqwest::Method::POST, &path, &[("email", login)]).await
    };
    for gem in ["uno", "dos", "tres", "cuatro", "cinco", "seis"] {
        assert_eq!(key.push(GemBuilder::new(gem, "1.0.0").build()).await.status, StatusCode::OK);
    }
    for gem in ["uno", "dos", "tres", "cuatro", "cinco"] {
        assert_eq!(invite(gem, "bob@example.com").await.status, StatusCode::OK, "{gem}");
    }
    let sixth = invite("seis", "BOB@example.com").await;
    assert_eq!(sixth.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(sixth.header("retry-after").is_some());
    for number in 0..14 {
        assert_eq!(
            invite("hola", &format!("n{number}@example.com")).await.status,
            StatusCode::OK,
            "{number}"
        );
    }
    assert_eq!(invite("hola", "n14@example.com").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(app.mail_subjects("n14@example.com").await, [""; 0]);
    app.clock.advance(3600);
    assert_eq!(invite("hola", "n14@example.com").await.status, StatusCode::OK);
}
