use askama::Template;

use crate::Message;

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
            _ => "If this was not you, change your password and delete the keys that you do not know.",
        }
    }
}

#[derive(Template)]
#[template(path = "key_news/subject.txt")]
struct Subject<'a>(&'a KeyNews);

#[derive(Template)]
#[template(path = "key_news/body.txt")]
struct Text<'a>(&'a KeyNews);

#[derive(Template)]
#[template(path = "key_news/body.html")]
struct Html<'a>(&'a KeyNews);

impl Message for KeyNews {
    fn subject(&self) -> Result<String, askama::Error> {
        Subject(self).render()
    }

    fn text(&self) -> Result<String, askama::Error> {
        Text(self).render()
    }

    fn html(&self) -> Result<String, askama::Error> {
        Html(self).render()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_subject_of_its_own_and_all_that_the_owner_needs() {
        let kinds = [
            KeyNewsKind::Created,
            KeyNewsKind::Imported,
            KeyNewsKind::Changed,
            KeyNewsKind::Regenerated,
            KeyNewsKind::Deleted,
            KeyNewsKind::ExpiresSoon,
            KeyNewsKind::Expired,
        ];
        let mut subjects = Vec::new();
        for kind in kinds {
            let news = KeyNews {
                kind,
                handle: "alice".into(),
                name: "ci <nightly>".into(),
                ecosystem: "NuGet".into(),
                scopes: "package:push".into(),
                packages: "Fabrikam.*".into(),
                expires: "2026-08-01 12:00 UTC".into(),
                base_url: "https://keys.example.com".into(),
            };
            let text = news.text().unwrap();
            for part in [
                "alice",
                "ci <nightly>",
                "NuGet",
                "package:push",
                "Fabrikam.*",
                "2026-08-01",
                "https://keys.example.com/keys",
            ] {
                assert!(text.contains(part), "{part} is in {text}");
            }
            assert!(news.html().unwrap().contains("ci &#60;nightly&#62;"), "names are no markup");
            subjects.push(news.subject().unwrap());
        }
        subjects.sort();
        subjects.dedup();
        assert_eq!(subjects.len(), kinds.len());
    }
}
