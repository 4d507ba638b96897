use crate::Sample;

/// To the owner of a key: something happened to it. Never holds its value.
#[derive(Debug, Clone)]
pub struct KeyNews {
    /// What happened.
    pub kind: KeyNewsKind,
    /// The account.
    pub handle: String,
    /// What the key is called.
    pub name: String,
    /// What it is for.
    pub ecosystem: String,
    /// What it may do.
    pub scopes: String,
    /// On which packages.
    pub packages: String,
    /// When it ends.
    pub expires: String,
    /// The address of this server.
    pub base_url: String,
}

/// What happened to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyNewsKind {
    /// It was made.
    Created,
    /// It was taken over from another server.
    Imported,
    /// It was changed.
    Changed,
    /// It was replaced by one with another value.
    Regenerated,
    /// It was deleted.
    Deleted,
    /// It ends within ten days.
    ExpiresSoon,
    /// It has ended.
    Expired,
    /// It is from before there were scopes, and nothing was published with it for too long.
    Retired,
}

impl KeyNews {
    fn subject_text(&self) -> String {
        let name = &self.name;
        match self.kind {
            KeyNewsKind::Created => format!("The key {name} was made"),
            KeyNewsKind::Imported => format!("The key {name} was taken over"),
            KeyNewsKind::Changed => format!("The key {name} was changed"),
            KeyNewsKind::Regenerated => format!("The key {name} got a new value"),
            KeyNewsKind::Deleted => format!("The key {name} was deleted"),
            KeyNewsKind::ExpiresSoon => format!("The key {name} is about to expire"),
            KeyNewsKind::Expired => format!("The key {name} has expired"),
            KeyNewsKind::Retired => format!("The key {name} was retired"),
        }
    }

    fn what(&self) -> &'static str {
        match self.kind {
            KeyNewsKind::Created => "a key was made for your account and can be used now.",
            KeyNewsKind::Imported => {
                "a key that you use elsewhere was taken over into your account, and works here too."
            }
            KeyNewsKind::Changed => "a key of your account was changed. This is what it may do from now on.",
            KeyNewsKind::Regenerated => {
                "a key of your account got a new value. The old value does not work any more."
            }
            KeyNewsKind::Deleted => "a key of your account was deleted and does not work any more.",
            KeyNewsKind::ExpiresSoon => "a key of your account will expire within ten days.",
            KeyNewsKind::Expired => "a key of your account has expired and does not work any more.",
            KeyNewsKind::Retired => {
                "an old key of your account was retired: nothing was published with it for a long time. It does \
                 not work any more."
            }
        }
    }

    fn advice(&self) -> &'static str {
        match self.kind {
            KeyNewsKind::ExpiresSoon | KeyNewsKind::Expired => {
                "If something still uses it, regenerate it or make a new key, and put the new value in its place."
            }
            KeyNewsKind::Imported => {
                "It has no limits of its own: make keys with scopes for what uses it, then delete it."
            }
            KeyNewsKind::Retired => {
                "If something still uses it, make a new key that may do just what is needed, and put its value in the \
                 place of the old one."
            }
            _ => "If this was not you, change your password and delete the keys that you do not know.",
        }
    }
}

/// One of each kind, to show.
pub(crate) fn samples(base_url: &str) -> Vec<Sample> {
    let kinds = [
        ("key_created", KeyNewsKind::Created),
        ("key_changed", KeyNewsKind::Changed),
        ("key_regenerated", KeyNewsKind::Regenerated),
        ("key_deleted", KeyNewsKind::Deleted),
        ("key_expires_soon", KeyNewsKind::ExpiresSoon),
        ("key_expired", KeyNewsKind::Expired),
    ];
    let scoped = kinds.map(|(name, kind)| Sample::new(name, sample(kind, base_url)));
    let without_scopes = [("key_imported", KeyNewsKind::Imported), ("key_retired", KeyNewsKind::Retired)]
        .map(|(name, kind)| Sample::new(name, legacy_sample(kind, base_url)));
    scoped.into_iter().chain(without_scopes).collect()
}

fn legacy_sample(kind: KeyNewsKind, base_url: &str) -> KeyNews {
    KeyNews {
        name: "Full access API key".to_owned(),
        scopes: "package:push, package:pushversion, package:unlist".to_owned(),
        packages: "all".to_owned(),
        expires: "never".to_owned(),
        ..sample(kind, base_url)
    }
}

fn sample(kind: KeyNewsKind, base_url: &str) -> KeyNews {
    KeyNews {
        kind,
        handle: "alice".to_owned(),
        name: "ci <nightly>".to_owned(),
        ecosystem: "nuget".to_owned(),
        scopes: "package:push".to_owned(),
        packages: "Fabrikam.*, Contoso.Core".to_owned(),
        expires: "2026-08-11 12:00 UTC".to_owned(),
        base_url: base_url.to_owned(),
    }
}

templates!(KeyNews, "key_news/subject.txt", "key_news/body.txt", "key_news/body.html");

#[cfg(test)]
mod tests {
    use crate::{Letter, samples};

    #[test]
    fn each_kind_has_a_subject_of_its_own_and_all_that_the_owner_needs() {
        let mut subjects = Vec::new();
        for sample in samples().iter().filter(|sample| sample.name.starts_with("key_")) {
            let letter = Letter::of(&*sample.message).unwrap();
            for part in ["alice", "nuget", "package:push", "UTC", "https://keyward.example.com/keys"] {
                let stands = letter.text.contains(part) || (part == "UTC" && letter.text.contains("never"));
                assert!(stands, "{part} is in {}", letter.text);
            }
            assert!(!letter.html.contains("<nightly>"), "names are no markup");
            subjects.push(letter.subject);
        }
        let count = subjects.len();
        subjects.sort();
        subjects.dedup();
        assert_eq!((subjects.len(), count), (8, 8));
    }
}
