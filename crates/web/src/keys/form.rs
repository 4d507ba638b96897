//! The form of a key, in the words of its ecosystem.

use domain::{Ecosystem, Expiry, ExpiryRule, Key, KeyProblem, NamePattern, Profile, Selection, Timestamp};
use registry::{Error, KeySelection, NewKey};

use super::problems::{Field, Problem, problems};
use crate::fields::Fields;

/// What the form shows: what was typed, and what is wrong with it.
#[derive(Debug)]
pub(crate) struct KeyForm {
    pub(crate) name: String,
    pub(crate) scopes: Vec<ScopeBox>,
    /// Own packages to choose one from, where a key is bound to an owned one.
    pub(crate) own: Vec<OwnPackage>,
    /// Whether packages are named and matched rather than chosen.
    pub(crate) patterns: bool,
    pub(crate) packages: String,
    pub(crate) globs: String,
    /// Offered numbers of days; empty where an instant is chosen.
    pub(crate) days: Vec<Days>,
    pub(crate) expires_at: String,
    pub(crate) offers_second_factor: bool,
    pub(crate) second_factor: bool,
    pub(crate) problems: Vec<Problem>,
}

/// A scope to tick.
#[derive(Debug)]
pub(crate) struct ScopeBox {
    pub(crate) word: &'static str,
    pub(crate) plain: &'static str,
    pub(crate) exclusive: bool,
    pub(crate) ticked: bool,
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

/// Lifetimes that the page offers where any number of days is possible.
const OFFERED: &[u16] = &[1, 7, 30, 90, 180, 270, 365];

impl KeyForm {
    /// The form as it was sent, or empty: all scopes are off then.
    pub(crate) fn of_fields(ecosystem: Ecosystem, fields: &Fields, own: Vec<String>) -> Self {
        let profile = Profile::of(ecosystem);
        let ticked: Vec<&str> = fields.all("scope").collect();
        let gem = fields.text("gem");
        Self {
            name: fields.text("name").to_owned(),
            scopes: boxes(profile, |word| ticked.contains(&word)),
            own: own.into_iter().map(|name| OwnPackage { chosen: name == gem, name }).collect(),
            patterns: ecosystem != Ecosystem::RubyGems,
            packages: fields.text("packages").to_owned(),
            globs: fields.text("globs").to_owned(),
            days: days(profile, fields.text("days").parse().ok()),
            expires_at: fields.text("expires_at").to_owned(),
            offers_second_factor: profile.has_second_factor(),
            second_factor: fields.is_ticked("second_factor"),
            problems: Vec::new(),
        }
    }

    /// The form of a key that is there.
    pub(crate) fn of_key(key: &Key, own: Vec<String>) -> Self {
        let profile = Profile::of(key.ecosystem);
        let owned = match &key.selection {
            Selection::Owned { package, .. } => package.as_str(),
            Selection::Any | Selection::Patterns(_) => "",
        };
        let (names, globs) = match &key.selection {
            Selection::Patterns(patterns) => split(patterns),
            Selection::Any | Selection::Owned { .. } => (Vec::new(), Vec::new()),
        };
        Self {
            name: key.name.clone(),
            scopes: boxes(profile, |word| key.words.iter().any(|held| held.word == word)),
            own: own.into_iter().map(|name| OwnPackage { chosen: name == owned, name }).collect(),
            patterns: key.ecosystem != Ecosystem::RubyGems || matches!(key.selection, Selection::Patterns(_)),
            packages: names.join("\n"),
            globs: globs.join("\n"),
            days: Vec::new(),
            expires_at: String::new(),
            offers_second_factor: profile.has_second_factor(),
            second_factor: key.otp_required,
            problems: Vec::new(),
        }
    }

    /// Notes what is wrong. Gives the error back when it is not about what was typed.
    pub(crate) fn blame(&mut self, error: Error) -> Result<(), Error> {
        self.problems = problems(error)?;
        Ok(())
    }

    /// What is wrong with a field, if anything is.
    pub(crate) fn about(&self, field: Field) -> Option<String> {
        let texts: Vec<&str> = self
            .problems
            .iter()
            .filter(|problem| problem.field == field)
            .map(|it| it.text.as_str())
            .collect();
        (!texts.is_empty()).then(|| texts.join(" "))
    }

    /// Everything that is wrong, with the place on the page where it can be made right, if there is one.
    pub(crate) fn listed(&self) -> Vec<(Option<&'static str>, &str)> {
        self.problems.iter().map(|problem| (self.place(problem.field), problem.text.as_str())).collect()
    }

    fn place(&self, field: Field) -> Option<&'static str> {
        match field {
            Field::Name => Some("name"),
            Field::Scopes => Some("scopes"),
            Field::Packages if self.patterns => Some("packages"),
            Field::Packages => Some("gem"),
            Field::Expiry if self.days.is_empty() => Some("expires_at"),
            Field::Expiry => Some("days"),
            Field::SecondFactor => Some("second_factor"),
            Field::Whole => None,
        }
    }
}

fn boxes(profile: &'static Profile, ticked: impl Fn(&str) -> bool) -> Vec<ScopeBox> {
    let of = |word: &'static domain::ScopeWord| ScopeBox {
        word: word.word,
        plain: word.plain,
        exclusive: word.exclusive,
        ticked: ticked(word.word),
    };
    profile.words().iter().map(of).collect()
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

/// What was typed about packages.
pub(crate) fn selection(ecosystem: Ecosystem, fields: &Fields) -> KeySelection {
    let (names, globs, gem) = (fields.items("packages"), fields.items("globs"), fields.text("gem"));
    match ecosystem {
        Ecosystem::RubyGems if !gem.is_empty() => KeySelection::Owned(gem.to_owned()),
        Ecosystem::RubyGems if names.is_empty() && globs.is_empty() => KeySelection::Any,
        _ => KeySelection::Patterns { names, globs },
    }
}

/// What was typed, as a request for a key.
pub(crate) fn wanted(ecosystem: Ecosystem, fields: &Fields) -> Result<NewKey, Error> {
    Ok(NewKey {
        name: fields.text("name").to_owned(),
        words: fields.all("scope").map(str::to_owned).collect(),
        selection: selection(ecosystem, fields),
        expiry: expiry(ecosystem, fields)?,
        otp_required: fields.is_ticked("second_factor"),
    })
}

fn expiry(ecosystem: Ecosystem, fields: &Fields) -> Result<Expiry, Error> {
    let rule = Profile::of(ecosystem).expiry_rule();
    if rule != ExpiryRule::OptionalInstant {
        let days = fields.text("days");
        return match days.parse() {
            _ if days.is_empty() => Ok(Expiry::Default),
            Ok(days) => Ok(Expiry::Days(days)),
            Err(_) => Err(Error::InvalidKey(KeyProblem::LifetimeNotOffered { rule }.into())),
        };
    }
    match fields.text("expires_at") {
        "" => Ok(Expiry::Never),
        text => instant(text)
            .map(Expiry::At)
            .ok_or_else(|| Error::InvalidKey(KeyProblem::ExpiryNotInFuture.into())),
    }
}

/// What a browser sends for a date and time; taken as UTC, as the page says.
fn instant(text: &str) -> Option<Timestamp> {
    let civil = text.parse::<jiff::civil::DateTime>().ok()?;
    Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}
