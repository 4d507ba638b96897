//! How somebody at the command line says when a key ends.

use std::time::Duration;

use domain::{Expiry, Timestamp};

use crate::Failure;

/// When a key is to end, as it was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// `never`
    Never,
    /// `90d`: so many times 24 hours after its making.
    Days(u16),
    /// `12h` or `30m` after its making.
    After(Duration),
    /// An instant in RFC 3339.
    Until(Timestamp),
}

impl Lifetime {
    /// Reads what was typed.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let number = || text.get(..text.len() - 1).and_then(|number| number.parse::<u32>().ok());
        let read = match text.bytes().last() {
            _ if text == "never" => Some(Self::Never),
            Some(b'd') => number().and_then(|days| u16::try_from(days).ok()).map(Self::Days),
            Some(b'h') => number().map(|hours| Self::After(Duration::from_hours(hours.into()))),
            Some(b'm') => number().map(|minutes| Self::After(Duration::from_mins(minutes.into()))),
            Some(_) => text.parse().ok().map(Self::Until),
            None => None,
        };
        read.ok_or_else(|| {
            "say `90d`, `12h`, `30m`, `never`, or an instant such as `2030-01-31T00:00:00Z`".to_owned()
        })
    }

    /// Returns what the rules of the ecosystem judge.
    pub(crate) fn expiry(self, now: Timestamp) -> Result<Expiry, Failure> {
        Ok(match self {
            Self::Never => Expiry::Never,
            Self::Days(days) => Expiry::Days(days),
            Self::Until(instant) => Expiry::At(instant),
            Self::After(time) => {
                Expiry::At(now.checked_add(time).map_err(|_| {
                    Failure::usage("the key would end after all time that can be written down")
                })?)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_are_days_hours_minutes_never_or_an_instant() {
        let instant: Timestamp = "2030-01-31T00:00:00Z".parse().unwrap();
        let cases = [
            ("90d", Lifetime::Days(90)),
            ("0d", Lifetime::Days(0)),
            ("12h", Lifetime::After(Duration::from_hours(12))),
            ("30m", Lifetime::After(Duration::from_mins(30))),
            ("never", Lifetime::Never),
            ("2030-01-31T00:00:00Z", Lifetime::Until(instant)),
            ("2030-01-31T02:00:00+02:00", Lifetime::Until(instant)),
        ];
        for (text, expected) in cases {
            assert_eq!(Lifetime::parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_lifetime() {
        for text in [
            "",
            "d",
            "90",
            "-1d",
            "70000d",
            "1.5h",
            "90 days",
            "2030-01-31",
            "Never",
            "5s",
            "ðd",
            "4294967296m",
        ] {
            assert!(Lifetime::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn hours_count_from_now() {
        let now: Timestamp = "2030-01-31T00:00:00Z".parse().unwrap();
        let later: Timestamp = "2030-01-31T12:00:00Z".parse().unwrap();
        assert_eq!(Lifetime::parse("12h").unwrap().expiry(now).unwrap(), Expiry::At(later));
        assert!(Lifetime::parse("4294967295h").unwrap().expiry(now).is_err());
    }
}
