//! `gem owner`: invitations, removals, and the keys that hang on an ownership.

use crate::harness::{Gem, Home, Keyward, email, get, post};

/// Returns a server where alice has pushed `hola`, her home with a key for all that owners do, and the home of bob, who owns
/// nothing, with a key of his that may push.
fn server_with_two_people() -> (Keyward, Home, Home) {
    let server = Keyward::start();
    server.add_account("alice");
    server.add_account("bob");
    let scopes = ["--scope", "push_rubygem", "--scope", "add_owner", "--scope", "remove_owner"];
    let alice = Home::with_key(&server, &server.add_key("alice", "all", &scopes));
    let bob = Home::with_key(&server, &server.add_key("bob", "push", &["--scope", "push_rubygem"]));
    alice.push(&Gem::new("hola", "1.0.0")).succeeded();
    (server, alice, bob)
}

/// Opens the link of an invitation as a browser does: the page asks, its button confirms.
fn accept(link: &str) {
    let page = get(link).expect("the page is served");
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.text().contains("<form"), "the page asks before it confirms: {}", page.text());
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let answer = post(link, &form, b"").expect("the form is answered");
    assert!(answer.status < 400, "{}: {}", answer.status, answer.text());
}

/// Makes bob an owner of `hola`.
fn invite_bob(server: &Keyward, alice: &Home) {
    alice.gem(&["owner", "hola", "--add", &email("bob"), "--host", &server.gems()]).succeeded();
    accept(&server.invitation_link("bob"));
}

#[test]
fn somebody_invited_may_push_once_the_link_in_the_mail_is_confirmed() {
    let (server, alice, bob) = server_with_two_people();

    alice
        .gem(&["owner", "hola", "--add", &email("bob"), "--host", &server.gems()])
        .succeeded()
        .says("was added as an unconfirmed owner.")
        .has_line("- alice")
        .never_says("alice@example.com")
        .never_says("- bob");
    bob.push(&Gem::new("hola", "1.1.0"))
        .failed()
        .says("Please click the confirmation link we emailed you at");

    let link = server.invitation_link("bob");
    let looked = get(&link).expect("the page is served");
    assert_eq!(looked.status, 200);
    bob.push(&Gem::new("hola", "1.1.0")).failed().says("Please click the confirmation link");

    accept(&link);
    bob.push(&Gem::new("hola", "1.1.0")).succeeded().says("Successfully registered gem: hola (1.1.0)");
    alice.gem(&["owner", "hola", "--host", &server.gems()]).succeeded().says("- alice").says("- bob");
}

#[test]
fn an_owner_that_was_removed_cannot_push_any_more() {
    let (server, alice, bob) = server_with_two_people();
    invite_bob(&server, &alice);
    bob.push(&Gem::new("hola", "1.1.0")).succeeded();

    alice
        .gem(&["owner", "hola", "--remove", &email("bob"), "--host", &server.gems()])
        .succeeded()
        .says("Owner removed successfully.")
        .never_says("- bob");

    bob.push(&Gem::new("hola", "1.2.0")).failed().says("You do not have permission to push to this gem.");
}

#[test]
fn a_key_for_one_gem_dies_with_the_ownership_and_does_not_come_back() {
    let (server, alice, _) = server_with_two_people();
    invite_bob(&server, &alice);
    let narrow = server.add_key("bob", "narrow", &["--scope", "push_rubygem", "--package", "hola"]);
    let job = Home::with_key(&server, &narrow);
    job.push(&Gem::new("hola", "1.1.0")).succeeded();

    alice.gem(&["owner", "hola", "--remove", &email("bob"), "--host", &server.gems()]).succeeded();

    let refusal = "An invalid API key cannot be used. Please delete it and create a new one.";
    job.push(&Gem::new("hola", "1.2.0")).failed().says(refusal);
    job.push(&Gem::new("brand-new", "1.0.0")).failed().says(refusal);
    alice.gem(&["owner", "hola", "--add", "bob", "--host", &server.gems()]).succeeded();
    job.push(&Gem::new("hola", "1.2.0")).failed().says(refusal);
}

#[test]
fn the_last_owner_cannot_be_removed() {
    let (server, alice, _) = server_with_two_people();
    alice
        .gem(&["owner", "hola", "--remove", &email("alice"), "--host", &server.gems()])
        .failed()
        .says("Unable to remove owner.");
    alice.push(&Gem::new("hola", "1.1.0")).succeeded();
}

#[test]
fn nobody_is_invited_with_a_key_that_may_only_push() {
    let (server, alice, _) = server_with_two_people();
    let pusher = Home::with_key(&server, &server.add_key("alice", "push", &["--scope", "push_rubygem"]));
    pusher
        .gem(&["owner", "hola", "--add", &email("bob"), "--host", &server.gems()])
        .failed()
        .says("The existing key doesn't have access of add_owner");
    alice.gem(&["owner", "hola", "--host", &server.gems()]).succeeded().never_says("- bob");
}

#[test]
fn an_account_that_does_not_exist_cannot_be_invited_by_name_and_its_address_is_treated_like_any_other() {
    let (server, alice, _) = server_with_two_people();
    let add = |whom: &str| alice.gem(&["owner", "hola", "--add", whom, "--host", &server.gems()]);
    add("nobody").failed().says("Owner could not be found.");
    add("nobody@example.com").succeeded().says("nobody@example.com was added as an unconfirmed owner.");
}
