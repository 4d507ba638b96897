//! Mails about a key, to its owner.

use domain::{Key, KeyId, NamePattern, Selection};
use registry::KeyNews;

use crate::{Jobs, utc};

impl Jobs {
    /// Tells the owner of a key what happened to it.
    pub(crate) async fn tell_of_key(&self, key: KeyId, news: KeyNews) -> anyhow::Result<()> {
        let (key, addressee) = self.registry.key_addressee(key).await?;
        let Some(addressee) = addressee else { return Ok(()) };
        let message = message(&key, news, addressee.handle, self.base_url.clone());
        Ok(self.mailer.send(&addressee.email, &message).await?)
    }
}

fn message(key: &Key, news: KeyNews, handle: String, base_url: String) -> mail::KeyNews {
    mail::KeyNews {
        kind: kind(news),
        handle,
        base_url,
        name: key.name.clone(),
        ecosystem: key.ecosystem.as_str().to_owned(),
        scopes: key.words.iter().map(|word| word.word).collect::<Vec<_>>().join(", "),
        packages: packages(key),
        expires: key.expires_at.map_or_else(|| "never".to_owned(), utc),
    }
}

fn kind(news: KeyNews) -> mail::KeyNewsKind {
    match news {
        KeyNews::Created => mail::KeyNewsKind::Created,
        KeyNews::Imported => mail::KeyNewsKind::Imported,
        KeyNews::Changed => mail::KeyNewsKind::Changed,
        KeyNews::Regenerated => mail::KeyNewsKind::Regenerated,
        KeyNews::Deleted => mail::KeyNewsKind::Deleted,
        KeyNews::ExpiresSoon => mail::KeyNewsKind::ExpiresSoon,
        KeyNews::Expired => mail::KeyNewsKind::Expired,
        KeyNews::Retired => mail::KeyNewsKind::Retired,
    }
}

fn packages(key: &Key) -> String {
    match &key.selection {
        Selection::Any => "all".to_owned(),
        Selection::Owned { package, .. } => package.as_str().to_owned(),
        Selection::Patterns(patterns) => {
            patterns.iter().map(NamePattern::as_str).collect::<Vec<_>>().join(", ")
        }
    }
}
