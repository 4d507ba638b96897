//! `gem signin`, the sign-in that `gem push` makes by itself, and `gem signout`.

use crate::harness::{Answers, Gem, Home, Keyward};

fn server_with_alice() -> Keyward {
    let server = Keyward::start();
    server.add_account("alice");
    server
}

#[test]
fn signing_in_asks_for_a_name_and_scopes_and_stores_a_key_that_works() {
    let server = server_with_alice();
    let home = Home::new(&server);

    let answers =
        Answers::of("alice").to("API Key name [", "laptop").grant(&["index_rubygems", "push_rubygem"]);
    home.sign_in(&answers).succeeded().says("Signed in with API key: laptop.");

    assert!(
        home.credentials().is_some_and(|file| file.contains(&server.gems())),
        "the key is kept under the host"
    );
    assert_eq!(server.key_names("alice"), ["laptop"]);
    home.push(&Gem::new("hola", "1.0.0")).succeeded().says("Successfully registered gem: hola (1.0.0)");
}

#[test]
fn signing_in_without_any_scope_is_refused_and_says_what_is_wanted() {
    let server = server_with_alice();
    let home = Home::new(&server);

    home.sign_in(&Answers::of("alice")).failed().says("Please enable at least one scope");

    assert_eq!(home.credentials(), None);
    assert!(server.key_names("alice").is_empty());
}

#[test]
fn a_key_without_a_name_of_its_own_gets_the_one_that_the_client_proposes() {
    let server = server_with_alice();
    let home = Home::new(&server);

    let printed = home.sign_in(&Answers::of("alice").grant(&["push_rubygem"])).succeeded();

    let name = server.key_names("alice").pop().expect("a key was made");
    assert!(name.contains("-tester-2"), "machine, user and time: {name}");
    printed.says(&format!("API Key name [{name}]")).says(&format!("Signed in with API key: {name}."));
}

#[test]
fn a_scope_for_the_dashboard_stands_alone() {
    let server = server_with_alice();
    let home = Home::new(&server);

    let answers = Answers::of("alice").grant(&["push_rubygem", "show_dashboard"]);
    home.sign_in(&answers).failed().says("Show dashboard scope must be enabled exclusively");

    assert!(server.key_names("alice").is_empty());
}

#[test]
fn a_wrong_password_makes_no_key() {
    let server = server_with_alice();
    let home = Home::new(&server);

    let answers = Answers::of("alice").to("Password: ", "incorrect donkey battery").grant(&["push_rubygem"]);
    home.sign_in(&answers).failed().says("HTTP Basic: Access denied.");

    assert_eq!(home.credentials(), None);
    assert!(server.key_names("alice").is_empty());
}

#[test]
fn pushing_to_a_host_without_credentials_signs_in_and_makes_a_key_that_can_only_push() {
    let server = server_with_alice();
    let home = Home::new(&server);
    let file = home.build(&Gem::new("hola", "1.0.0"));

    let arguments = ["push", &file.to_string_lossy(), "--host", &server.gems()];
    home.gem_at_terminal(&arguments, &Answers::of("alice"))
        .succeeded()
        .says(&format!("Create one at {}/sign_up", server.gems()))
        .says("Signed in with API key: ")
        .says("Successfully registered gem: hola (1.0.0)");

    assert_eq!(server.key_names("alice").len(), 1);
    home.push(&Gem::new("hola", "1.1.0")).succeeded().says("Successfully registered gem: hola (1.1.0)");
    home.yank("hola", "1.0.0").says("The existing key doesn't have access of yank_rubygem");
}

#[test]
fn signing_out_forgets_the_key_on_this_machine_only() {
    let server = server_with_alice();
    let home = Home::new(&server);
    let answers = Answers::of("alice").to("API Key name [", "laptop").grant(&["push_rubygem"]);
    home.sign_in(&answers).succeeded();

    home.gem(&["signout"]).succeeded().says("You have successfully signed out");

    assert_eq!(home.credentials(), None);
    home.push(&Gem::new("hola", "1.0.0")).failed().says("Enter your");
    assert_eq!(server.key_names("alice"), ["laptop"], "the client tells the server nothing");
}
