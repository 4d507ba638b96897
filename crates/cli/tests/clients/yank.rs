//! `gem yank`, and the scope that the client adds to a key when it lacks one.

use crate::harness::{Answers, Gem, Home, Keyward};

/// Returns a server where alice has pushed `hola` 1.0.0 and 1.1.0, and her home with a key that may push and yank.
fn server_with_two_versions() -> (Keyward, Home) {
    let server = Keyward::start();
    server.add_account("alice");
    let key = server.add_key("alice", "ci", &["--scope", "push_rubygem", "--scope", "yank_rubygem"]);
    let home = Home::with_key(&server, &key);
    home.push(&Gem::new("hola", "1.0.0")).succeeded();
    home.push(&Gem::new("hola", "1.1.0")).succeeded();
    (server, home)
}

#[test]
fn yanking_with_a_key_that_may_only_push_adds_the_scope_to_it_and_goes_on() {
    let server = Keyward::start();
    server.add_account("alice");
    let home = Home::new(&server);
    home.sign_in(&Answers::of("alice").grant(&["push_rubygem"])).succeeded();
    home.push(&Gem::new("hola", "1.0.0")).succeeded();
    home.push(&Gem::new("hola", "1.1.0")).succeeded();

    let arguments = ["yank", "hola", "--version", "1.0.0", "--host", &server.gems()];
    home.gem_at_terminal(&arguments, &Answers::of("alice"))
        .succeeded()
        .says("The existing key doesn't have access of yank_rubygem")
        .says("Added yank_rubygem scope to the existing API key")
        .says("Successfully deleted gem: hola (1.0.0)");

    home.yank("hola", "1.1.0")
        .says("Successfully deleted gem: hola (1.1.0)")
        .never_says("doesn't have access");
    assert_eq!(server.key_names("alice").len(), 1, "the same key, not a second one");
}

#[test]
fn a_scope_is_added_only_with_the_right_password() {
    let server = Keyward::start();
    server.add_account("alice");
    let home = Home::new(&server);
    home.sign_in(&Answers::of("alice").grant(&["push_rubygem"])).succeeded();
    home.push(&Gem::new("hola", "1.0.0")).succeeded();

    let arguments = ["yank", "hola", "--version", "1.0.0", "--host", &server.gems()];
    home.gem_at_terminal(&arguments, &Answers::of("alice").to("Password: ", "incorrect donkey battery"))
        .says("HTTP Basic: Access denied.")
        .never_says("Successfully deleted gem");

    home.install("hola", &[]).succeeded();
}

#[test]
fn a_yanked_gem_cannot_be_installed() {
    let (_server, home) = server_with_two_versions();

    home.yank("hola", "1.1.0").succeeded().says("Successfully deleted gem: hola (1.1.0)");

    home.install("hola", &["--version", "1.1.0"])
        .failed()
        .says("Could not find a valid gem 'hola' (= 1.1.0)");
    home.install("hola", &[]).succeeded().says("Successfully installed hola-1.0.0");
    home.read(&["list", "--remote", "--all"]).has_line("hola (1.0.0)");
}

#[test]
fn the_number_of_a_yanked_version_is_never_given_out_again() {
    let (_server, home) = server_with_two_versions();
    home.yank("hola", "1.1.0").says("Successfully deleted gem");

    home.push(&Gem::new("hola", "1.1.0").greeting("again"))
        .failed()
        .says("A yanked version already exists (hola-1.1.0).")
        .says("Please use a new version and retry");

    home.push(&Gem::new("hola", "1.1.1")).succeeded();
}

#[test]
fn a_gem_without_a_version_left_is_gone_from_every_index() {
    let (_server, home) = server_with_two_versions();
    home.yank("hola", "1.0.0").says("Successfully deleted gem");
    home.yank("hola", "1.1.0").says("Successfully deleted gem");

    home.read(&["list", "--remote", "--all"]).never_says("hola");
    home.install("hola", &[]).failed().says("Could not find a valid gem 'hola'");
    home.yank("hola", "1.1.0").says("hola 1.1.0 has already been deleted");
}

#[test]
fn a_version_that_does_not_exist_cannot_be_yanked() {
    let (_server, home) = server_with_two_versions();
    home.yank("hola", "9.9.9").says("The version 9.9.9 does not exist.");
    home.yank("adios", "1.0.0").says("This gem could not be found");
}

#[test]
fn a_key_for_one_gem_cannot_yank_another() {
    let (server, home) = server_with_two_versions();
    home.push(&Gem::new("adios", "1.0.0")).succeeded();
    let key = server.add_key("alice", "narrow", &["--scope", "yank_rubygem", "--package", "adios"]);

    Home::with_key(&server, &key)
        .yank("hola", "1.0.0")
        .says("This API key cannot perform the specified action on this gem.");

    home.install("hola", &["--version", "1.0.0"]).succeeded();
}
