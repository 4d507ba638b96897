//! Gems to push: the files that `gem build` makes one of.

use std::fmt::Write;
use std::path::Path;

/// A gem with one file, which sets `$greeting`: so a program can tell which gem it has loaded.
#[derive(Clone)]
pub(crate) struct Gem {
    name: String,
    version: String,
    platform: Option<String>,
    needs: Vec<(String, String)>,
    greeting: String,
}

impl Gem {
    /// Returns a gem for every platform that needs no other. Its greeting is its full name.
    pub(crate) fn new(name: &str, version: &str) -> Self {
        let greeting = format!("{name}-{version}");
        Self { name: name.to_owned(), version: version.to_owned(), platform: None, needs: vec![], greeting }
    }

    /// Makes it a gem for one platform.
    pub(crate) fn platform(mut self, platform: &str) -> Self {
        self.platform = Some(platform.to_owned());
        self.greeting = self.full_name();
        self
    }

    /// Adds a dependency at run time.
    pub(crate) fn needs(mut self, name: &str, requirement: &str) -> Self {
        self.needs.push((name.to_owned(), requirement.to_owned()));
        self
    }

    /// Changes the greeting, and so the bytes.
    pub(crate) fn greeting(mut self, greeting: &str) -> Self {
        greeting.clone_into(&mut self.greeting);
        self
    }

    /// Returns name, version and, if it is for one, the platform: `hola-1.0.0-java`.
    pub(crate) fn full_name(&self) -> String {
        let platform = self.platform.as_ref().map(|platform| format!("-{platform}")).unwrap_or_default();
        format!("{}-{}{platform}", self.name, self.version)
    }

    /// Writes `gem.gemspec` and `lib/NAME.rb` into a folder.
    pub(crate) fn write_to(&self, folder: &Path) {
        std::fs::create_dir_all(folder.join("lib")).expect("the home folder can be written to");
        let file = format!("lib/{}.rb", self.name);
        std::fs::write(folder.join(file), format!("$greeting = {:?}\n", self.greeting)).expect("as above");
        std::fs::write(folder.join("gem.gemspec"), self.specification()).expect("as above");
    }

    fn specification(&self) -> String {
        let Self { name, version, .. } = self;
        let mut text = format!(
            "Gem::Specification.new do |s|\n  s.name = {name:?}\n  s.version = {version:?}\n  s.summary = \"Greets\"\n  \
             s.authors = [\"Alice\"]\n  s.license = \"MIT\"\n  s.homepage = \"https://example.com\"\n  \
             s.files = [\"lib/{name}.rb\"]\n"
        );
        let into_text = "writing to a string does not fail";
        if let Some(platform) = &self.platform {
            writeln!(text, "  s.platform = {platform:?}").expect(into_text);
        }
        for (name, requirement) in &self.needs {
            writeln!(text, "  s.add_runtime_dependency {name:?}, {requirement:?}").expect(into_text);
        }
        text + "end\n"
    }
}
