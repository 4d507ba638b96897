//! The form of a key, in the words of its ecosystem.

use std::collections::HashSet;

use domain::{
    Ecosystem, Expiry, ExpiryRule, Key, KeyField, MOST_PATTERNS, NamePattern, PackageName, Profile,
    Selection, Timestamp,
};
use registry::{Error, KeySelection, NewKey};

use super::{
    preview::PreviewView,
    scopes::{Scopes, words},
};
use crate::fields::Fields;

/// What the form shows: what was typed, and what is wrong with it.
#[derive(Debug)]
pub(crate) struct KeyForm {
    /// The ecosystem as it stands in addresses.
    pub(crate) ecosystem: &'static str,
    pub(crate) name: String,
    pub(crate) scopes: Scopes,
    /// Own packages to choose from: one, where a key is bound to an owned one, else any number.
    pub(crate) own: Vec<OwnPackage>,
    /// Whether packages are named and matched rather than one chosen.
    pub(crate) patterns: bool,
    /// Names beside the own packages.
    pub(crate) packages: String,
    pub(crate) globs: String,
    /// What names and globs match, once somebody asked.
    pub(crate) preview: Option<PreviewView>,
    /// Offered numbers of days; empty where an instant is chosen.
    pub(crate) days: Vec<Days>,
    pub(crate) expires_at: String,
    pub(crate) problems: Vec<FieldProblem>,
}

/// A package to choose.
#[derive(Debug)]
pub(crate) struct OwnPackage {
    pub(crate) name: String,
    pub(crate) chosen: bool,
}

/// A lifetime to choose.
#[derive(Debug)]
pub(crate) struct Days {
    pub(crate) number: u16,
    pub(crate) chosen: bool,
}

/// What is wrong, and the id of the field that it is about; no id for the key as a whole.
#[derive(Debug)]
pub(crate) struct FieldProblem {
    pub(crate) field: Option<&'static str>,
    pub(crate) text: String,
}

/// Lifetimes that the page offers where any number of days is possible.
const OFFERED: &[u16] = &[1, 7, 30, 90, 180, 270, 365];

impl KeyForm {
    /// The form as it was sent, or empty: all scopes are off then.
    pub(crate) fn of_fields(ecosystem: Ecosystem, fields: &Fields, own: Vec<String>) -> Self {
        let profile = Profile::of(ecosystem);
        let (patterns, gem) = (has_patterns(ecosystem, fields), fields.text("gem"));
        let names = names(fields);
        let too_many = names.len() > MOST_PATTERNS;
        let (own, others) = if patterns {
            divide(ecosystem, own, names)
        } else {
            (own.into_iter().map(|name| OwnPackage { chosen: name == gem, name }).collect(), Vec::new())
        };
        let asked = words(fields);
        Self {
            ecosystem: ecosystem.as_str(),
            name: fields.text("name").to_owned(),
            scopes: Scopes::of(profile, |word| asked.iter().any(|asked| asked == word)),
            own,
            patterns,
            // Of too many they are not all in the list; what was typed stays as it was.
            packages: if too_many { fields.text("packages").to_owned() } else { others.join("\n") },
            globs: fields.text("globs").to_owned(),
            preview: None,
            days: days(profile, fields.text("days").parse().ok()),
            expires_at: fields.text("expires_at").to_owned(),
            problems: Vec::new(),
        }
    }

    /// The form of a key that is there.
    pub(crate) fn of_key(key: &Key, own: Vec<String>) -> Self {
        let profile = Profile::of(key.ecosystem);
        let (names, globs) = match &key.selection {
            Selection::Patterns(patterns) => split(patterns),
            Selection::Any | Selection::Owned { .. } => (Vec::new(), Vec::new()),
        };
        let patterns =
            key.ecosystem != Ecosystem::RubyGems || matches!(key.selection, Selection::Patterns(_));
        let (own, others) = if patterns {
            divide(key.ecosystem, own, names)
        } else {
            (
                own.into_iter().map(|name| OwnPackage { chosen: is_bound_to(key, &name), name }).collect(),
                names,
            )
        };
        Self {
            ecosystem: key.ecosystem.as_str(),
            name: key.name.clone(),
            scopes: Scopes::of(profile, |word| key.words.iter().any(|held| held.word == word)),
            own,
            patterns,
            packages: others.join("\n"),
            globs: globs.join("\n"),
            preview: None,
            days: Vec::new(),
            expires_at: String::new(),
            problems: Vec::new(),
        }
    }

    /// Notes what is wrong, each beside its field. Gives the error back when it is not about what was typed.
    pub(crate) fn blame(&mut self, error: Error) -> Result<(), Error> {
        match error {
            Error::Invalid(problems) => {
                self.problems = problems.into_iter().map(|text| FieldProblem { field: None, text }).collect();
            }
            Error::InvalidKey(problems) => {
                let note = |problem: &domain::KeyProblem| FieldProblem {
                    field: self.id_of(problem.field()),
                    text: problem.to_string(),
                };
                self.problems = problems.iter().map(note).collect();
            }
            other => return Err(other),
        }
        Ok(())
    }

    /// The id of a field on the page.
    fn id_of(&self, field: KeyField) -> Option<&'static str> {
        Some(match field {
            KeyField::Name => "name",
            KeyField::Scopes => "scopes",
            KeyField::Packages if self.patterns => "packages",
            KeyField::Packages => "gem",
            KeyField::Globs => "globs",
            KeyField::Expiry if self.days.is_empty() => "expires_at",
            KeyField::Expiry => "days",
            KeyField::SecondFactor | KeyField::Key => return None,
        })
    }

    /// What is wrong with one field.
    pub(crate) fn about<'a>(&'a self, field: &'a str) -> Vec<&'a str> {
        let problems = self.problems.iter().filter(|problem| problem.field == Some(field));
        problems.map(|problem| problem.text.as_str()).collect()
    }

    /// The ids of what describes a field: its help, if it has one, and its problems, if there are any.
    pub(crate) fn described_by(&self, field: &str, help: &str) -> String {
        let problem = if self.about(field).is_empty() { String::new() } else { format!("{field}-problem") };
        format!("{help} {problem}").trim().to_owned()
    }

    /// How many of the own packages are chosen.
    pub(crate) fn chosen(&self) -> usize {
        self.own.iter().filter(|package| package.chosen).count()
    }
}

/// Whether the form has fields for names and globs.
fn has_patterns(ecosystem: Ecosystem, fields: &Fields) -> bool {
    ecosystem != Ecosystem::RubyGems || fields.has("packages") || fields.has("globs")
}

/// Tells names of own packages, which are boxes to tick, from others, which are typed.
fn divide(ecosystem: Ecosystem, own: Vec<String>, names: Vec<String>) -> (Vec<OwnPackage>, Vec<String>) {
    let fold = |name: &str| PackageName::parse(ecosystem, name).map(|name| name.key().to_owned()).ok();
    let chosen: HashSet<_> = names.iter().filter_map(|name| fold(name)).collect();
    let keys: HashSet<_> = own.iter().filter_map(|name| fold(name)).collect();
    let others = names.into_iter().filter(|name| fold(name).is_none_or(|key| !keys.contains(&key))).collect();
    let own = own
        .into_iter()
        .map(|name| OwnPackage { chosen: fold(&name).is_some_and(|key| chosen.contains(&key)), name });
    (own.collect(), others)
}

fn is_bound_to(key: &Key, name: &str) -> bool {
    matches!(&key.selection, Selection::Owned { package, .. } if package.as_str() == name)
}

fn days(profile: &Profile, chosen: Option<u16>) -> Vec<Days> {
    let (offered, default) = match profile.expiry_rule() {
        ExpiryRule::OptionalInstant => return Vec::new(),
        ExpiryRule::Days { default, .. } => (OFFERED, default),
        ExpiryRule::Choice { offered, default } => (offered, default),
    };
    let chosen = chosen.unwrap_or(default);
    offered.iter().map(|&number| Days { number, chosen: number == chosen }).collect()
}

fn split(patterns: &[NamePattern]) -> (Vec<String>, Vec<String>) {
    let (globs, names): (Vec<_>, Vec<_>) =
        patterns.iter().partition(|pattern| matches!(pattern, NamePattern::Glob(_)));
    let text =
        |patterns: Vec<&NamePattern>| patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect();
    (text(names), text(globs))
}

/// The names that were ticked and typed, each once.
pub(crate) fn names(fields: &Fields) -> Vec<String> {
    distinct(fields.all("package").chain(fields.items("packages")))
}

/// The globs that were typed, each once.
pub(crate) fn globs(fields: &Fields) -> Vec<String> {
    distinct(fields.items("globs"))
}

/// Each item once, in whatever case of letters. Of more than a key can have only one too many is kept, for the refusal.
fn distinct<'a>(items: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = HashSet::new();
    items
        .filter(|item| seen.insert(item.to_ascii_lowercase()))
        .take(MOST_PATTERNS + 1)
        .map(str::to_owned)
        .collect()
}

/// What was typed about packages.
pub(crate) fn selection(ecosystem: Ecosystem, fields: &Fields) -> KeySelection {
    // A form with names and globs sends them also when they are empty: nothing chosen there never means all.
    if has_patterns(ecosystem, fields) {
        return KeySelection::Patterns { names: names(fields), globs: globs(fields) };
    }
    match fields.text("gem") {
        "" => KeySelection::Any,
        gem => KeySelection::Owned(gem.to_owned()),
    }
}

/// What was typed, as a request for a key.
pub(crate) fn wanted(ecosystem: Ecosystem, fields: &Fields) -> Result<NewKey, Error> {
    Ok(NewKey {
        name: fields.text("name").to_owned(),
        words: words(fields),
        selection: selection(ecosystem, fields),
        expiry: expiry(ecosystem, fields)?,
        // No form has the field; whoever sends it all the same hears that it has no effect.
        otp_required: fields.is_ticked("second_factor"),
    })
}

fn expiry(ecosystem: Ecosystem, fields: &Fields) -> Result<Expiry, Error> {
    let rule = Profile::of(ecosystem).expiry_rule();
    let wrong = || Error::InvalidKey(domain::KeyProblem::LifetimeNotOffered { rule }.into());
    if rule != ExpiryRule::OptionalInstant {
        return match fields.text("days") {
            "" => Ok(Expiry::Default),
            days => days.parse().map(Expiry::Days).map_err(|_| wrong()),
        };
    }
    match fields.text("expires_at") {
        "" => Ok(Expiry::Never),
        text => instant(text).map(Expiry::At).ok_or_else(wrong),
    }
}

/// What a browser sends for a date and time; taken as UTC, as the page says.
fn instant(text: &str) -> Option<Timestamp> {
    let civil = text.parse::<jiff::civil::DateTime>().ok()?;
    Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}
