#![doc = include_str!("../README.md")]

use domain::{Key, NamePattern, Selection};
use mail::Mailer;
use registry::{Event, KeyNews, Registry};

/// Does the work that follows changes.
#[derive(Debug, Clone)]
pub struct Jobs {
    registry: Registry,
    mailer: Mailer,
    base_url: String,
}

impl Jobs {
    /// Work for `registry`; links in messages begin with `base_url`, which has no slash at its end.
    pub fn new(registry: Registry, mailer: Mailer, base_url: String) -> Self {
        Self { registry, mailer, base_url }
    }

    /// Does all work that is due. Returns how many pieces were done; those that failed wait for their next try.
    pub async fn run_due(&self) -> anyhow::Result<usize> {
        let mut done = 0;
        while self.registry.job_is_due().await? {
            let Some(job) = self.registry.next_job().await? else { break };
            match self.handle(job.event).await {
                Ok(()) => {
                    self.registry.job_done(&job).await?;
                    done += 1;
                }
                Err(error) => {
                    tracing::warn!(job = %job.id, error = format!("{error:#}"), "a job failed and will be tried again");
                    self.registry.job_failed(&job, &format!("{error:#}")).await?;
                }
            }
        }
        Ok(done)
    }

    async fn handle(&self, event: Event) -> anyhow::Result<()> {
        match event {
            Event::OwnerInvited { ownership } => {
                // Accepted or taken back meanwhile: nothing to send.
                let Some(invitation) = self.registry.invitation(ownership).await? else { return Ok(()) };
                let message = mail::Invitation {
                    package: invitation.package.as_str().to_owned(),
                    handle: invitation.handle,
                    link: format!("{}/owners/confirm/{}", self.base_url, invitation.token.expose()),
                    base_url: self.base_url.clone(),
                };
                self.mailer.send(&invitation.email, &message).await?;
            }
            Event::KeyNews { key, news } => {
                let (key, addressee) = self.registry.key_addressee(key).await?;
                let Some(addressee) = addressee else { return Ok(()) };
                let message = key_news(&key, news, addressee.handle, self.base_url.clone());
                self.mailer.send(&addressee.email, &message).await?;
            }
        }
        Ok(())
    }
}

fn key_news(key: &Key, news: KeyNews, handle: String, base_url: String) -> mail::KeyNews {
    let kind = match news {
        KeyNews::Created => mail::KeyNewsKind::Created,
        KeyNews::Changed => mail::KeyNewsKind::Changed,
        KeyNews::Regenerated => mail::KeyNewsKind::Regenerated,
        KeyNews::Deleted => mail::KeyNewsKind::Deleted,
        KeyNews::ExpiresSoon => mail::KeyNewsKind::ExpiresSoon,
        KeyNews::Expired => mail::KeyNewsKind::Expired,
    };
    mail::KeyNews {
        kind,
        handle,
        base_url,
        name: key.name.clone(),
        ecosystem: key.ecosystem.as_str().to_owned(),
        scopes: key.words.iter().map(|word| word.word).collect::<Vec<_>>().join(", "),
        packages: packages(key),
        expires: key
            .expires_at
            .map_or_else(|| "never".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string()),
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
