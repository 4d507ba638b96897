//! `bundle install`: fresh, from its cache, after a push, after a yank.

use std::path::PathBuf;

use crate::harness::{Gem, Home, Keyward, Printed};

/// A project with a Gemfile, in the home of somebody who only reads.
struct Project {
    home: Home,
    folder: PathBuf,
}

impl Project {
    /// Makes a project whose Gemfile has our server as its source, and these lines.
    fn new(server: &Keyward, lines: &str) -> Self {
        let home = Home::new(server);
        let folder = home.path().join("project");
        std::fs::create_dir_all(&folder).expect("the home folder can be written to");
        let gemfile = format!("source {:?}\n{lines}\n", server.gems());
        std::fs::write(folder.join("Gemfile"), gemfile).expect("the project folder was made");
        let project = Self { home, folder };
        project.run(&["config", "set", "--local", "path", "vendor"]).succeeded();
        project
    }

    fn run(&self, arguments: &[&str]) -> Printed {
        self.home.bundle(&self.folder, arguments)
    }

    /// Returns the greeting of a gem in the bundle.
    fn greeting_of(&self, gem: &str) -> String {
        let line = format!("require {gem:?}; print $greeting");
        self.run(&["exec", "ruby", "-e", &line]).succeeded().text
    }

    /// Throws away the installed gems.
    fn forget_gems(&self) {
        std::fs::remove_dir_all(self.folder.join("vendor")).expect("gems were installed");
    }

    /// Throws away the versions that were chosen.
    fn forget_choice(&self) {
        std::fs::remove_file(self.folder.join("Gemfile.lock")).expect("versions were chosen");
    }
}

/// Returns a server with `hola` 1.0.0, which needs `saludo` 1.0.0, and the home of the job that pushed them.
fn server_and_job() -> (Keyward, Home) {
    let server = Keyward::start();
    server.add_account("alice");
    let key = server.add_key("alice", "ci", &["--scope", "push_rubygem", "--scope", "yank_rubygem"]);
    let job = Home::with_key(&server, &key);
    job.push(&Gem::new("saludo", "1.0.0")).succeeded();
    job.push(&Gem::new("hola", "1.0.0").needs("saludo", "~> 1.0")).succeeded();
    (server, job)
}

#[test]
fn a_bundle_is_installed_fresh_then_from_the_lock_file_then_from_the_cached_index() {
    let (server, _job) = server_and_job();
    let project = Project::new(&server, "gem \"hola\"");

    project.run(&["install"]).succeeded().says("Installing saludo 1.0.0").says("Bundle complete!");
    assert_eq!(project.greeting_of("hola"), "hola-1.0.0");
    project.forget_gems();
    project.run(&["install"]).succeeded().says("Installing hola 1.0.0");
    project.forget_gems();
    project.forget_choice();
    project.run(&["install"]).succeeded().says("Installing hola 1.0.0").never_says("checksum");
}

#[test]
fn a_bundle_sees_a_version_right_after_its_push() {
    let (server, job) = server_and_job();
    let project = Project::new(&server, "gem \"hola\"");
    project.run(&["install"]).succeeded();

    for version in ["1.1.0", "1.2.0"] {
        job.push(&Gem::new("hola", version).needs("saludo", "~> 1.0")).succeeded();
        project.run(&["update", "hola"]).succeeded().says(&format!("Installing hola {version}"));
        assert_eq!(project.greeting_of("hola"), format!("hola-{version}"));
    }
    job.push(&Gem::new("saludo", "1.0.1")).succeeded();
    project.run(&["update", "--all"]).succeeded().says("Installing saludo 1.0.1");
}

#[test]
fn a_bundle_takes_an_older_version_after_a_yank() {
    let (server, job) = server_and_job();
    job.push(&Gem::new("hola", "1.1.0").needs("saludo", "~> 1.0")).succeeded();
    let project = Project::new(&server, "gem \"hola\"");
    project.run(&["install"]).succeeded().says("Installing hola 1.1.0");

    job.yank("hola", "1.1.0").says("Successfully deleted gem: hola (1.1.0)");

    project.forget_gems();
    project.run(&["install"]).failed().says("hola").says("1.1.0");
    project.forget_choice();
    project.run(&["install"]).succeeded().says("Installing hola 1.0.0");
    assert_eq!(project.greeting_of("hola"), "hola-1.0.0");
}

#[test]
fn a_new_project_never_sees_a_yanked_version() {
    let (server, job) = server_and_job();
    job.push(&Gem::new("hola", "1.1.0")).succeeded();
    job.yank("hola", "1.1.0").says("Successfully deleted gem");

    Project::new(&server, "gem \"hola\"").run(&["install"]).succeeded().says("Installing hola 1.0.0");
    Project::new(&server, "gem \"hola\", \"1.1.0\"").run(&["install"]).failed().says("hola");
}

#[test]
fn a_bundle_takes_the_gem_for_its_platform() {
    let (server, job) = server_and_job();
    let local = job.ruby("print Gem::Platform.local").succeeded().text;
    job.push(&Gem::new("adios", "1.0.0")).succeeded();
    job.push(&Gem::new("adios", "1.0.0").platform("java")).succeeded();
    job.push(&Gem::new("adios", "1.0.0").platform(&local)).succeeded();

    let project = Project::new(&server, "gem \"adios\"");
    project.run(&["install"]).succeeded();
    assert_eq!(project.greeting_of("adios"), format!("adios-1.0.0-{local}"));
}

#[test]
fn a_bundle_takes_a_prerelease_only_when_it_is_named() {
    let (server, job) = server_and_job();
    job.push(&Gem::new("hola", "2.0.0.rc1")).succeeded();

    Project::new(&server, "gem \"hola\"").run(&["install"]).succeeded().says("Installing hola 1.0.0");
    let brave = Project::new(&server, "gem \"hola\", \"~> 2.0.0.rc\"");
    brave.run(&["install"]).succeeded().says("Installing hola 2.0.0.rc1");
}

#[test]
fn an_empty_registry_has_no_bundle_to_give() {
    let server = Keyward::start();
    let project = Project::new(&server, "gem \"hola\"");
    project.run(&["install"]).failed().says("Could not find gem 'hola'");
}
