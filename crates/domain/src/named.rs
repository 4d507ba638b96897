//! Enumerations whose members have a fixed word in records, logs and on the wire.

use thiserror::Error;

/// A word read from a record or a request that names no member of the enumeration.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{word}` is not {wanted}")]
pub struct UnknownWord {
    /// What was read.
    pub word: String,
    /// What it should have named, with its article: "an action".
    pub wanted: &'static str,
}

/// Declares an enumeration with `ALL`, `as_str`, `Display`, `FromStr` and serde by the same words.
macro_rules! named {
    (
        $(#[$outer:meta])*
        pub enum $name:ident is $wanted:literal {
            $($(#[$inner:meta])* $member:ident => $word:literal,)+
        }
    ) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$inner])* $member,)+
        }

        impl $name {
            /// Every member, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$member),+];

            /// Returns the word that stands for this member in records, logs and on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$member => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$member),)+
                    _ => Err($crate::UnknownWord { word: word.to_owned(), wanted: $wanted }),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <String as serde::Deserialize>::deserialize(deserializer)?;
                word.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use named;
