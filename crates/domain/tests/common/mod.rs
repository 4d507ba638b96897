//! A fixed instant, and keys as they lie on record.

use domain::{AccountId, Ecosystem, Key, KeyId, KeyKind, PackageName, Profile, Selection, Timestamp};
use uuid::Uuid;

/// The present of all tests.
pub(crate) fn now() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().expect("an instant")
}

/// A valid name.
pub(crate) fn name(ecosystem: Ecosystem, text: &str) -> PackageName {
    PackageName::parse(ecosystem, text).expect("a valid name")
}

/// An active key that never expires, with those words on that selection.
pub(crate) fn key(ecosystem: Ecosystem, words: &[&str], selection: Selection) -> Key {
    let profile = Profile::of(ecosystem);
    Key {
        id: KeyId::from_uuid(Uuid::from_u128(1)),
        owner: AccountId::from_uuid(Uuid::from_u128(2)),
        ecosystem,
        kind: KeyKind::Scoped,
        name: "ci".to_owned(),
        words: words.iter().map(|word| profile.word(word).expect("a word of the ecosystem")).collect(),
        selection,
        expires_at: None,
        lifetime_days: None,
        otp_required: false,
        created_at: "2026-05-01T12:00:00Z".parse().expect("an instant"),
        last_used_at: None,
        last_push_at: None,
        revoked_at: None,
        ownership_lost: None,
    }
}
