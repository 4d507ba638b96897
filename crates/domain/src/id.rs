//! Ids of records: `UUIDv7`, so that they sort by the time of their making.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

/// Returns a `UUIDv7` of that instant, to the microsecond, and 62 random bits. Instants before 1970 count as 1970, since the format has no earlier
/// ones.
fn uuid_at(now: Timestamp) -> Uuid {
    let mut random = [0; 10];
    getrandom::fill(&mut random).expect("the operating system gives random bytes");
    let millisecond = u64::try_from(now.as_millisecond()).unwrap_or(0);
    // The 12 bits after the millisecond hold its fraction (RFC 9562, 6.2, method 3): ids sort as finely as instants are kept.
    let micros = now.as_microsecond().rem_euclid(1000);
    let fraction = u16::try_from(micros * 4096 / 1000).expect("a fraction of 4096");
    random[..2].copy_from_slice(&fraction.to_be_bytes());
    Builder::from_unix_timestamp_millis(millisecond, &random).into_uuid()
}

/// Declares a newtype over [`Uuid`] for one kind of record, so that one kind cannot be taken for another.
macro_rules! id {
    ($(#[$outer:meta])* $name:ident) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Returns a new id made at that instant: the instant's microsecond and 62 random bits.
            pub fn new(now: Timestamp) -> Self {
                Self(uuid_at(now))
            }

            /// Takes an id read from a record.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// Returns the bare UUID, for a record.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// Names an account.
    AccountId
);
id!(
    /// Names an API key: the record, not its value.
    KeyId
);
id!(
    /// Names a package.
    PackageId
);
id!(
    /// Names one version of a package.
    ReleaseId
);
id!(
    /// Names one account's ownership of one package. A new ownership of the same package has another id.
    OwnershipId
);
id!(
    /// Names an entry of the audit log.
    EventId
);
id!(
    /// Names a link that is sent by mail.
    LinkId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_sorts_by_the_instant_of_its_making() {
        let early = KeyId::new(Timestamp::from_second(1_700_000_000).unwrap());
        let late = KeyId::new(Timestamp::from_second(1_700_000_001).unwrap());
        assert!(early < late);
        assert_eq!(early.as_uuid().get_version_num(), 7);
    }

    #[test]
    fn two_ids_of_one_instant_differ() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        assert_ne!(AccountId::new(now), AccountId::new(now));
    }

    #[test]
    fn an_id_comes_back_from_its_text_and_from_json() {
        let id = PackageId::new(Timestamp::UNIX_EPOCH);
        assert_eq!(id.to_string().parse::<PackageId>().unwrap(), id);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<PackageId>(&json).unwrap(), id);
    }

    #[test]
    fn an_instant_before_1970_still_gives_an_id() {
        let id = EventId::new(Timestamp::from_second(-5).unwrap());
        assert_eq!(id.as_uuid().get_version_num(), 7);
    }
}
