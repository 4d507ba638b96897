//! `keyward package`.

use clap::{Args, Subcommand};
use domain::{Ecosystem, PackageName};
use registry::Registry;

use crate::{Failure, key::ecosystem, operator, output};

const YANK: &str = "\
Examples:
  $ keyward package yank --package hola --ecosystem rubygems --version 1.0.0
  $ keyward package yank --package hola --ecosystem rubygems --all";

/// A package.
#[derive(Debug, Args)]
pub(crate) struct Package {
    /// Name of the package
    #[arg(long, value_name = "NAME")]
    package: String,
    /// Ecosystem of the package
    #[arg(long, value_parser = ecosystem())]
    ecosystem: Ecosystem,
}

impl Package {
    /// The name, if it is one in the ecosystem.
    pub(crate) fn name(&self) -> Result<PackageName, Failure> {
        PackageName::parse(self.ecosystem, &self.package)
            .map_err(|error| Failure::usage(format!("`{}` cannot be a package: {error}", self.package)))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum PackageCommand {
    /// Yank a version, or all versions: they can no longer be found or installed
    #[command(after_help = YANK)]
    Yank {
        #[command(flatten)]
        package: Package,
        #[command(flatten)]
        version: Version,
        /// Yank all versions
        #[arg(long, conflicts_with_all = ["version", "platform"], required_unless_present = "version")]
        all: bool,
    },
    /// Restore a yanked version
    Unyank {
        #[command(flatten)]
        package: Package,
        #[command(flatten)]
        version: Version,
    },
}

/// A version of a package.
#[derive(Debug, Args)]
pub(crate) struct Version {
    /// Version number
    #[arg(long)]
    version: Option<String>,
    /// Platform of the version
    #[arg(long, default_value = "ruby")]
    platform: String,
}

pub(crate) async fn run(registry: &Registry, command: PackageCommand) -> Result<(), Failure> {
    match command {
        PackageCommand::Yank { package, all: true, .. } => yank_all(registry, &package.name()?).await,
        PackageCommand::Yank { package, version, all: false } => {
            let number = version.number()?;
            yank(registry, &package.name()?, number, &version.platform).await
        }
        PackageCommand::Unyank { package, version } => {
            let (name, number) = (package.name()?, version.number()?);
            registry.restore(operator(), &name, number, &version.platform).await?;
            output::print(&format!("Restored {} {}.\n", name.as_str(), version.full(number)))
        }
    }
}

impl Version {
    fn number(&self) -> Result<&str, Failure> {
        self.version.as_deref().ok_or_else(|| Failure::usage("which version? Add --version NUMBER"))
    }

    fn full(&self, number: &str) -> String {
        registry::full_number(number, &self.platform)
    }
}

async fn yank(registry: &Registry, name: &PackageName, number: &str, platform: &str) -> Result<(), Failure> {
    registry.withdraw(operator(), name, number, platform).await?;
    let full = registry::full_number(number, platform);
    output::print(&format!("Yanked {} {full}. `keyward package unyank` restores it.\n", name.as_str()))
}

async fn yank_all(registry: &Registry, name: &PackageName) -> Result<(), Failure> {
    let package = registry.package(name).await?;
    let releases = registry.live_gem_releases(package.id).await?;
    if releases.is_empty() {
        return output::print(&format!("{} has no versions to yank.\n", name.as_str()));
    }
    for release in releases {
        yank(registry, name, &release.number, &release.platform).await?;
    }
    Ok(())
}
