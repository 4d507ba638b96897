//! `gem install`, `fetch`, `search`, `list` and what else reads.

use crate::harness::{Gem, Home, Keyward};

/// Returns a server and the home of a job of alice that may push and yank.
fn server_and_job() -> (Keyward, Home) {
    let server = Keyward::start();
    server.add_account("alice");
    let key = server.add_key("alice", "ci", &["--scope", "push_rubygem", "--scope", "yank_rubygem"]);
    let job = Home::with_key(&server, &key);
    (server, job)
}

#[test]
fn a_gem_is_installed_with_the_gems_that_it_needs() {
    let (server, job) = server_and_job();
    job.push(&Gem::new("saludo", "1.0.0")).succeeded();
    job.push(&Gem::new("saludo", "1.2.0")).succeeded();
    job.push(&Gem::new("saludo", "2.0.0")).succeeded();
    job.push(&Gem::new("hola", "1.0.0").needs("saludo", "~> 1.0")).succeeded();

    let reader = Home::new(&server);
    reader
        .install("hola", &[])
        .succeeded()
        .says("Successfully installed saludo-1.2.0")
        .says("Successfully installed hola-1.0.0")
        .says("2 gems installed");

    assert_eq!(reader.greeting_of("hola"), "hola-1.0.0");
    assert_eq!(reader.greeting_of("saludo"), "saludo-1.2.0");
}

#[test]
fn a_gem_whose_need_is_hosted_nowhere_is_not_installed() {
    let (server, job) = server_and_job();
    job.push(&Gem::new("hola", "1.0.0").needs("not-to-be-found", ">= 1")).succeeded();
    Home::new(&server).install("hola", &[]).failed().says("not-to-be-found");
}

#[test]
fn a_push_is_seen_by_the_next_install() {
    let (server, job) = server_and_job();
    let reader = Home::new(&server);
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        job.push(&Gem::new("hola", version)).succeeded();
        reader.install("hola", &[]).succeeded().says(&format!("Successfully installed hola-{version}"));
    }
}

#[test]
fn lists_and_searches_show_what_was_pushed() {
    let (server, job) = server_and_job();
    job.push(&Gem::new("hola", "1.0.0")).succeeded();
    job.push(&Gem::new("hola", "1.10.0")).succeeded();
    job.push(&Gem::new("hola", "1.9.0")).succeeded();
    job.push(&Gem::new("adios", "0.1.0")).succeeded();

    let reader = Home::new(&server);
    reader.read(&["list", "--remote"]).succeeded().has_line("adios (0.1.0)").has_line("hola (1.10.0)");
    reader.read(&["list", "--remote", "--all"]).succeeded().has_line("hola (1.10.0, 1.9.0, 1.0.0)");
    reader.read(&["search", "ol"]).succeeded().has_line("hola (1.10.0)").never_says("adios");
    reader.read(&["specification", "--remote", "hola", "authors"]).succeeded().says("Alice");
}

#[test]
fn a_fetched_gem_is_the_pushed_one_byte_for_byte() {
    let (server, job) = server_and_job();
    let file = job.build(&Gem::new("hola", "1.0.0"));
    job.push_file(&file).succeeded();
    job.push(&Gem::new("hola", "1.1.0")).succeeded();

    let reader = Home::new(&server);
    reader.read(&["fetch", "hola", "--version", "1.0.0"]).succeeded().says("Downloaded hola-1.0.0");

    let fetched = std::fs::read(reader.path().join("hola-1.0.0.gem")).unwrap();
    assert!(fetched == std::fs::read(file).unwrap(), "{} bytes", fetched.len());
}

#[test]
fn a_prerelease_is_installed_only_when_asked_for() {
    let (server, job) = server_and_job();
    job.push(&Gem::new("hola", "1.0.0")).succeeded();
    job.push(&Gem::new("hola", "2.0.0.rc1")).succeeded();

    let reader = Home::new(&server);
    reader.read(&["list", "--remote"]).has_line("hola (1.0.0)");
    reader.read(&["list", "--remote", "--prerelease"]).says("2.0.0.rc1");
    reader.install("hola", &[]).succeeded().says("Successfully installed hola-1.0.0");
    reader.install("hola", &["--prerelease"]).succeeded().says("Successfully installed hola-2.0.0.rc1");
}

#[test]
fn a_gem_for_this_platform_comes_before_the_one_for_all() {
    let (server, job) = server_and_job();
    let local = job.ruby("print Gem::Platform.local").succeeded().text;
    job.push(&Gem::new("hola", "1.0.0")).succeeded();
    job.push(&Gem::new("hola", "1.0.0").platform("java")).succeeded().says("hola (1.0.0-java)");
    job.push(&Gem::new("hola", "1.0.0").platform(&local)).succeeded().says(&format!("hola (1.0.0-{local})"));

    let reader = Home::new(&server);
    reader.install("hola", &[]).succeeded();
    assert_eq!(reader.greeting_of("hola"), format!("hola-1.0.0-{local}"));
    reader.read(&["fetch", "hola", "--platform", "java"]).succeeded().says("Downloaded hola-1.0.0-java");
}

#[test]
fn yanking_the_gem_of_one_platform_leaves_the_others() {
    let (server, job) = server_and_job();
    let local = job.ruby("print Gem::Platform.local").succeeded().text;
    job.push(&Gem::new("hola", "1.0.0")).succeeded();
    job.push(&Gem::new("hola", "1.0.0").platform(&local)).succeeded();

    let arguments = ["yank", "hola", "--version", "1.0.0", "--platform", &local, "--host", &server.gems()];
    job.gem(&arguments).says(&format!("Successfully deleted gem: hola (1.0.0-{local})"));

    let reader = Home::new(&server);
    reader.install("hola", &[]).succeeded();
    assert_eq!(reader.greeting_of("hola"), "hola-1.0.0");
}

#[test]
fn an_empty_registry_answers_that_it_has_nothing() {
    let server = Keyward::start();
    let reader = Home::new(&server);
    reader.read(&["list", "--remote"]).succeeded().never_says("ERROR");
    reader.install("hola", &[]).failed().says("Could not find a valid gem 'hola'");
}
