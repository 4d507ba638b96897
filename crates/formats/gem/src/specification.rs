//! What a gemspec says.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::platform::Platform;
use crate::requirement::Requirement;
use crate::version::Version;

/// The gemspec of a package, checked against the schema and the policy of `gem build`.
///
/// It leaves out the lists of files, which may be long and which no answer to a client carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Specification {
    /// The name of the gem.
    pub name: String,
    /// The number of the release.
    pub version: Version,
    /// What kind of machine it is built for.
    pub platform: Platform,
    /// Who wrote it; never empty.
    pub authors: Vec<String>,
    /// Mail addresses of the authors, in one flat list.
    pub emails: Vec<String>,
    /// The day it was built, as its author's machine saw it.
    pub date: Option<Date>,
    /// One line on what it is.
    pub summary: String,
    /// What it is, at length.
    pub description: Option<String>,
    /// The address of its home page.
    pub homepage: Option<String>,
    /// Licence identifiers; each at most 64 characters.
    pub licenses: Vec<String>,
    /// Free pairs; some keys are links to related pages. Keys at most 128 characters, values at most 1024.
    pub metadata: BTreeMap<String, String>,
    /// The gems it needs, in the author's order.
    pub dependencies: Vec<Dependency>,
    /// The versions of Ruby it runs on.
    pub required_ruby_version: Requirement,
    /// The versions of `RubyGems` that can install it.
    pub required_rubygems_version: Requirement,
    /// The version of `RubyGems` that built it.
    pub rubygems_version: Option<String>,
    /// The version of the gemspec format (4 since 2012).
    pub specification_version: i64,
    /// What else it needs, in words for people.
    pub requirements: Vec<String>,
    /// The chain of certificates in PEM, the root first and the signer last; empty if not signed.
    pub cert_chain: Vec<String>,
    /// Folders that Ruby loads code from; never empty.
    pub require_paths: Vec<String>,
    /// Programs it installs.
    pub executables: Vec<String>,
    /// Folder of the programs.
    pub bindir: Option<String>,
    /// Build scripts of its native parts.
    pub extensions: Vec<String>,
    /// Text that `gem install` shows at the end.
    pub post_install_message: Option<String>,
}

/// A gem that another one needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// The versions that will do.
    pub requirement: Requirement,
    /// When it is needed.
    pub kind: DependencyKind,
}

/// When a dependency is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DependencyKind {
    /// To use the gem.
    Runtime,
    /// To work on the gem.
    Development,
}

impl DependencyKind {
    /// `runtime` or `development`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Runtime => "runtime",
            Self::Development => "development",
        }
    }
}

impl Specification {
    /// `NAME-VERSION`, and `-PLATFORM` as in the gemspec unless it is `ruby`: the name of the file without `.gem`.
    pub fn full_name(&self) -> String {
        self.full_name_for(&self.platform.original)
    }

    /// The same with the normalised platform.
    pub fn resolved_full_name(&self) -> String {
        self.full_name_for(&self.platform.resolved)
    }

    /// The dependencies that installing the gem needs.
    pub fn runtime_dependencies(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Runtime)
    }

    fn full_name_for(&self, platform: &str) -> String {
        if platform == Platform::RUBY {
            format!("{}-{}", self.name, self.version)
        } else {
            format!("{}-{}-{platform}", self.name, self.version)
        }
    }
}
