//! A person's home folder, and the clients run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::terminal::{self, Answers};
use super::{Gem, Keyward, Printed, limited};

/// A fresh home folder: no credentials, no caches, no installed gems.
pub(crate) struct Home {
    folder: TempDir,
    host: String,
    key: Option<String>,
}

impl Home {
    /// Makes the home of somebody who has no key yet.
    pub(crate) fn new(server: &Keyward) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        Self { folder, host: server.gems(), key: None }
    }

    /// Makes the home of a job that has a key in `GEM_HOST_API_KEY`.
    pub(crate) fn with_key(server: &Keyward, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..Self::new(server) }
    }

    /// Returns the path of this folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns what the client remembers of its keys, or nothing if it has no file of credentials.
    pub(crate) fn credentials(&self) -> Option<String> {
        let places = [".gem/credentials", ".local/share/gem/credentials"];
        places.iter().find_map(|place| std::fs::read_to_string(self.path().join(place)).ok())
    }

    /// Runs `gem` without a terminal.
    pub(crate) fn gem(&self, arguments: &[&str]) -> Printed {
        self.run(limited("gem").args(arguments))
    }

    /// Runs `gem` at a terminal, where somebody gives these answers.
    pub(crate) fn gem_at_terminal(&self, arguments: &[&str], answers: &Answers) -> Printed {
        let mut command = Command::new("gem");
        command.args(arguments);
        self.surround(&mut command);
        terminal::run(command, answers)
    }

    /// Runs `RUBYGEMS_HOST=… gem signin` at a terminal, as our pages say.
    pub(crate) fn sign_in(&self, answers: &Answers) -> Printed {
        let mut command = Command::new("gem");
        command.arg("signin");
        self.surround(&mut command);
        command.env("RUBYGEMS_HOST", &self.host);
        terminal::run(command, answers)
    }

    /// Builds a gem with `gem build` and returns the path of the file.
    pub(crate) fn build(&self, gem: &Gem) -> PathBuf {
        let folder = tempfile::tempdir_in(self.path()).expect("the home folder can be written to").keep();
        gem.write_to(&folder);
        let file = folder.join(format!("{}.gem", gem.full_name()));
        let mut command = limited("gem");
        command.args(["build", "gem.gemspec", "--output"]).arg(&file).current_dir(&folder);
        self.run(&mut command).succeeded();
        file
    }

    /// Builds a gem and pushes it, without a terminal.
    pub(crate) fn push(&self, gem: &Gem) -> Printed {
        self.push_file(&self.build(gem))
    }

    /// Pushes a file, without a terminal.
    pub(crate) fn push_file(&self, file: &Path) -> Printed {
        self.gem(&["push", &file.to_string_lossy(), "--host", &self.host])
    }

    /// Yanks a version, without a terminal. The client exits with 0 whatever the server answers: look at the words.
    pub(crate) fn yank(&self, name: &str, version: &str) -> Printed {
        self.gem(&["yank", name, "--version", version, "--host", &self.host])
    }

    /// Runs a command of `gem` that reads, with our server as the only source.
    pub(crate) fn read(&self, arguments: &[&str]) -> Printed {
        self.gem(&[arguments, &["--clear-sources", "--source", &self.host]].concat())
    }

    /// Installs a gem from our server. `more` are further arguments.
    pub(crate) fn install(&self, name: &str, more: &[&str]) -> Printed {
        self.read(&[&["install", name, "--no-document"], more].concat())
    }

    /// Runs a line of Ruby that sees the gems installed here.
    pub(crate) fn ruby(&self, line: &str) -> Printed {
        self.run(limited("ruby").args(["-e", line]))
    }

    /// Returns the greeting of an installed gem.
    pub(crate) fn greeting_of(&self, name: &str) -> String {
        self.ruby(&format!("require {name:?}; print $greeting")).succeeded().text
    }

    /// Runs `bundle` in a project folder.
    pub(crate) fn bundle(&self, project: &Path, arguments: &[&str]) -> Printed {
        self.run(limited("bundle").args(arguments).current_dir(project))
    }

    fn run(&self, command: &mut Command) -> Printed {
        self.surround(command);
        let output = command.stdin(Stdio::null()).output();
        Printed::from_output(&output.expect("`timeout` of coreutils is installed"))
    }

    /// Gives a command this home and nothing of the environment that the tests run in.
    fn surround(&self, command: &mut Command) {
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.env("HOME", self.path()).env("USER", "tester").env("LANG", "C.UTF-8").env("TERM", "dumb");
        command.env("GEM_HOME", self.path().join("gems"));
        command.env("BUNDLE_SILENCE_ROOT_WARNING", "true").env("BUNDLE_DISABLE_VERSION_CHECK", "true");
        command.envs(self.key.as_ref().map(|key| ("GEM_HOST_API_KEY", key)));
        if command.get_current_dir().is_none() {
            command.current_dir(self.path());
        }
    }
}
