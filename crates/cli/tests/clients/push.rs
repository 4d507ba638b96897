//! `gem push`: what a key permits, and what is refused in which words.

use crate::harness::{Gem, Home, Keyward, post};

/// Returns a server where alice has a key that may push anything of hers, and the home of a job with that key.
fn server_and_job() -> (Keyward, Home) {
    let server = Keyward::start();
    server.add_account("alice");
    let key = server.add_key("alice", "ci", &["--scope", "push_rubygem"]);
    let job = Home::with_key(&server, &key);
    (server, job)
}

/// Returns the home of a job that has another key of alice.
fn job_with(server: &Keyward, permits: &[&str]) -> Home {
    let key = server.add_key("alice", "second", permits);
    Home::with_key(server, &key)
}

/// The answer to a key that does not exist, or no longer.
const UNKNOWN: &str = "Access Denied.";

#[test]
fn a_key_from_the_environment_pushes_without_asking() {
    let (server, job) = server_and_job();
    job.push(&Gem::new("hola", "1.0.0"))
        .succeeded()
        .says(&format!("Pushing gem to {}...", server.gems()))
        .says("Successfully registered gem: hola (1.0.0)");
    assert_eq!(job.credentials(), None);
}

#[test]
fn a_key_for_one_gem_pushes_that_gem_and_no_other() {
    let (server, job) = server_and_job();
    job.push(&Gem::new("hola", "1.0.0")).succeeded();
    job.push(&Gem::new("adios", "1.0.0")).succeeded();
    let narrow = job_with(&server, &["--scope", "push_rubygem", "--package", "hola"]);

    let refusal = "This API key cannot perform the specified action on this gem.";
    narrow.push(&Gem::new("adios", "1.1.0")).failed().says(refusal);
    narrow.push(&Gem::new("brand-new", "1.0.0")).failed().says(refusal);
    narrow.push(&Gem::new("hola", "1.1.0")).succeeded().says("Successfully registered gem: hola (1.1.0)");

    job.read(&["list", "--remote"])
        .succeeded()
        .has_line("adios (1.0.0)")
        .has_line("hola (1.1.0)")
        .never_says("brand-new");
}

#[test]
fn a_key_for_a_pattern_pushes_new_names_that_match_it() {
    let (server, job) = server_and_job();
    let team = job_with(&server, &["--scope", "push_rubygem", "--glob", "team-*"]);

    team.push(&Gem::new("team-billing", "1.0.0")).succeeded();
    let refusal = "This API key cannot perform the specified action on this gem.";
    team.push(&Gem::new("billing", "1.0.0")).failed().says(refusal);

    job.read(&["list", "--remote"]).has_line("team-billing (1.0.0)").never_says("\nbilling");
}

#[test]
fn a_key_without_the_scope_to_push_is_told_so_and_pushes_nothing() {
    let (server, job) = server_and_job();
    let reader = job_with(&server, &["--scope", "index_rubygems"]);

    let wanted = format!("The existing key doesn't have access of push_rubygem on {}.", server.gems());
    reader.push(&Gem::new("hola", "1.0.0")).failed().says(&wanted);

    job.read(&["list", "--remote"]).never_says("hola");
}

#[test]
fn a_deleted_key_is_refused_at_once() {
    let (server, job) = server_and_job();
    job.push(&Gem::new("hola", "1.0.0")).succeeded();

    server.revoke_key("alice", "ci");

    job.push(&Gem::new("hola", "1.1.0")).failed().says(UNKNOWN);
}

#[test]
fn a_key_of_another_registry_is_refused() {
    let (server, _) = server_and_job();
    let stranger = Home::with_key(&server, "rubygems_0123456789abcdef0123456789abcdef0123456789abcdef");
    stranger.push(&Gem::new("hola", "1.0.0")).failed().says(UNKNOWN);
}

#[cfg(feature = "test-hooks")]
#[test]
fn an_expired_key_is_refused() {
    let (server, _) = server_and_job();
    let job = job_with(&server, &["--scope", "push_rubygem", "--expires", "90d"]);
    job.push(&Gem::new("hola", "1.0.0")).succeeded();

    let answer = post(&format!("{}/set_time", server.gems()), &[], b"2099-01-01T00:00:00Z");
    assert!(answer.is_ok_and(|answer| answer.status < 300), "the clock of the server can be set");

    job.push(&Gem::new("hola", "1.1.0")).failed().says(UNKNOWN);
}

#[test]
fn a_version_is_never_replaced() {
    let (_server, job) = server_and_job();
    let gem = Gem::new("hola", "1.0.0");
    let file = job.build(&gem);
    job.push_file(&file).succeeded();

    job.push_file(&file).succeeded().says("Gem was already pushed: hola (1.0.0)");
    job.push(&gem.greeting("something else"))
        .failed()
        .says("Repushing of gem versions is not allowed.")
        .says("Please bump the version number and push a new different release.");

    job.install("hola", &[]).succeeded();
    assert_eq!(job.greeting_of("hola"), "hola-1.0.0");
}

#[test]
fn a_gem_of_somebody_else_cannot_be_pushed() {
    let (server, job) = server_and_job();
    job.push(&Gem::new("hola", "1.0.0")).succeeded();
    server.add_account("bob");
    let key = server.add_key("bob", "ci", &["--scope", "push_rubygem"]);

    Home::with_key(&server, &key).push(&Gem::new("hola", "1.1.0")).failed().says(
        "You do not have permission to push to this gem. Ask an owner to add you with: gem owner hola --add",
    );

    job.read(&["list", "--remote"]).has_line("hola (1.0.0)");
}

#[test]
fn a_broken_gem_is_refused_with_what_is_wrong_with_it() {
    let (server, job) = server_and_job();
    let file = job.build(&Gem::new("hola", "1.0.0"));
    let whole = std::fs::read(&file).unwrap();
    let broken = job.path().join("broken.gem");
    std::fs::write(&broken, &whole[..whole.len() / 3]).unwrap();

    // The client reads the gem before it sends it, so a script is needed to bring one to the server.
    job.push_file(&broken).failed();
    let key = server.add_key("alice", "script", &["--scope", "push_rubygem"]);
    let headers = [("Authorization", key.as_str()), ("Content-Type", "application/octet-stream")];
    let address = format!("{}/api/v1/gems", server.gems());
    for bytes in [&whole[..whole.len() / 3], b"no gem at all", b""] {
        let answer = post(&address, &headers, bytes).unwrap();
        assert_eq!(answer.status, 422, "{}", answer.text());
        assert!(answer.text().contains("cannot process this gem."), "{}", answer.text());
    }

    job.read(&["list", "--remote"]).never_says("hola");
    job.push_file(&file).succeeded();
}
