//! Takes out of a transcript what differs from run to run, after a look at whether it is what it should be.

use std::collections::HashMap;

use domain::{Clock as _, KeyId, Presented, SystemClock, Timestamp};

/// How an instant stands in a table.
const MINUTE: &str = "2026-01-31 12:34";

/// How long an id is.
const ID: usize = 36;

/// Remembers what it has seen: the same id or value gets the same name each time.
#[derive(Default)]
pub(crate) struct Redactor {
    seen: HashMap<String, usize>,
}

impl Redactor {
    /// Replaces ids by numbered ones of the same length, values of keys by numbered words, and instants by their distance from now.
    pub(crate) fn redact(&mut self, text: &str) -> String {
        let (mut redacted, mut rest) = (String::new(), text);
        while let Some(first) = rest.chars().next() {
            let (length, replacement) = self.token(rest).unwrap_or_else(|| {
                let word = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
                let length = word.max(first.len_utf8());
                (length, rest[..length].to_owned())
            });
            redacted.push_str(&replacement);
            rest = &rest[length..];
        }
        redacted
    }

    /// What stands at the beginning of the text, if it is something that differs from run to run.
    fn token(&mut self, text: &str) -> Option<(usize, String)> {
        self.value(text).or_else(|| self.id(text)).or_else(|| instant(text)).or_else(|| minute(text))
    }

    fn value(&mut self, text: &str) -> Option<(usize, String)> {
        let length = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
        let value = text.get(..length).filter(|value| value.starts_with("keyward_"))?;
        assert!(matches!(Presented::inspect(value), Presented::Ours(_)), "{value} is no value of a key");
        Some((length, format!("[value {}]", self.number("value", value))))
    }

    fn id(&mut self, text: &str) -> Option<(usize, String)> {
        let id = text.get(..ID).filter(|id| id.parse::<KeyId>().is_ok())?;
        Some((ID, format!("00000000-0000-7000-8000-{:012}", self.number("id", id))))
    }

    fn number(&mut self, kind: &str, text: &str) -> usize {
        let next = self.seen.keys().filter(|key| key.starts_with(kind)).count() + 1;
        *self.seen.entry(format!("{kind} {text}")).or_insert(next)
    }
}

/// An instant with a fraction of a second: one that somebody typed has none.
fn instant(text: &str) -> Option<(usize, String)> {
    let length = text.find('Z')? + 1;
    let instant = text[..length].contains('.').then(|| text[..length].parse().ok())??;
    Some((length, format!("[{}]", distance(instant))))
}

/// An instant in a table, and in its place as many characters.
fn minute(text: &str) -> Option<(usize, String)> {
    let (date, time) = text.get(..MINUTE.len())?.split_once(' ')?;
    let instant = format!("{date}T{time}:00Z").parse().ok()?;
    Some((MINUTE.len(), format!("{:width$}", format!("[{}]", distance(instant)), width = MINUTE.len())))
}

/// How far ahead an instant is, to the hour.
fn distance(instant: Timestamp) -> String {
    let minutes = instant.duration_since(SystemClock.now()).as_secs().div_euclid(60) + 30;
    match minutes.div_euclid(60) {
        0 => "now".to_owned(),
        hours if hours % 24 == 0 => format!("in {} days", hours / 24),
        hours => format!("in {hours} hours"),
    }
}
