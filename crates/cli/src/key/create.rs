//! `keyward key create`.

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser as _},
};
use domain::{Ecosystem, Expiry};
use registry::{KeySelection, NewKey, Registry};

use super::view::KeyView;
use crate::{Failure, about_account, lifetime::Lifetime, operator, output};

/// What the help text shows after the options.
pub(super) const EXAMPLES: &str = "\
Examples:
  $ keyward key create --account alice --ecosystem rubygems --name ci --scope push_rubygem --package hola
  $ keyward key create --account alice --ecosystem nuget --name team --scope package:push --glob 'Fabrikam.*' --expires 90d";

/// What a new key is to be.
#[derive(Debug, Args)]
pub(crate) struct Wanted {
    /// User name or email address of the account that the key belongs to
    #[arg(long)]
    account: String,
    /// Ecosystem that the key is for
    #[arg(long, value_parser = ecosystem())]
    ecosystem: Ecosystem,
    /// Name of the key
    #[arg(long)]
    name: String,
    /// Scope of the key; repeat or separate by commas for several
    #[arg(long = "scope", value_name = "SCOPE", required = true, value_delimiter = ',')]
    scopes: Vec<String>,
    /// Package that the key applies to; repeat for several
    #[arg(long = "package", value_name = "NAME")]
    packages: Vec<String>,
    /// Glob pattern of package names that the key applies to; repeat for several
    #[arg(long = "glob", value_name = "PATTERN")]
    globs: Vec<String>,
    /// Expiration: 90d, 12h, 30m, never, or a time in RFC 3339 [default: that of the ecosystem]
    #[arg(long, value_name = "WHEN", value_parser = Lifetime::parse)]
    expires: Option<Lifetime>,
}

pub(crate) fn ecosystem() -> impl clap::builder::TypedValueParser<Value = Ecosystem> {
    let words = Ecosystem::ALL.iter().map(|ecosystem| ecosystem.as_str());
    PossibleValuesParser::new(words).try_map(|word| word.parse())
}

pub(super) async fn run(registry: &Registry, wanted: Wanted) -> Result<(), Failure> {
    let selection = selection(wanted.ecosystem, wanted.packages, wanted.globs)?;
    let expiry = wanted.expires.map_or(Ok(Expiry::Default), |lifetime| lifetime.expiry(registry.now()))?;
    let owner = registry.find_account(&wanted.account).await;
    let owner = owner.map_err(|error| about_account(error, &wanted.account))?;
    let new = NewKey { name: wanted.name, words: wanted.scopes, selection, expiry, otp_required: false };
    let issued = registry.issue_key(operator(), owner.id, wanted.ecosystem, new).await?;
    output::print_value(&issued.value)?;
    let view = KeyView::of(&issued.key, registry.now());
    output::tell(&format!(
        "Made the key `{}` of `{}` (id {}, packages: {}, expires: {}). Its value is not shown again.",
        view.name,
        owner.handle,
        view.id,
        view.covers(),
        view.end()
    ));
    Ok(())
}

/// Which packages the key is for. Nothing named means any for gems, as their users expect it; the others say which.
fn selection(ecosystem: Ecosystem, names: Vec<String>, globs: Vec<String>) -> Result<KeySelection, Failure> {
    match (ecosystem, names.is_empty() && globs.is_empty()) {
        (_, false) => Ok(KeySelection::Patterns { names, globs }),
        (Ecosystem::RubyGems, true) => Ok(KeySelection::Any),
        (Ecosystem::NuGet | Ecosystem::PowerShell, true) => {
            Err(Failure::usage(format!("a key for {ecosystem} must say which packages it is for")).hint(
                "name them with `--package NAME` or `--glob PATTERN`, each as often as you like; `--glob '*'` covers all \
                 packages of the account",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_without_packages_is_for_any_gem_but_for_no_other_package() {
        assert_eq!(selection(Ecosystem::RubyGems, vec![], vec![]).unwrap(), KeySelection::Any);
        for ecosystem in [Ecosystem::NuGet, Ecosystem::PowerShell] {
            assert!(selection(ecosystem, vec![], vec![]).is_err());
            let all = KeySelection::Patterns { names: vec![], globs: vec!["*".into()] };
            assert_eq!(selection(ecosystem, vec![], vec!["*".into()]).unwrap(), all);
        }
    }
}
