#![doc = include_str!("../README.md")]

mod accounts;
mod keys;
mod owners;

use mail::Mailer;
use registry::{Event, Registry};

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
            match self.handle(job.event.clone()).await {
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
            Event::OwnerInvited { ownership } => self.invite_owner(ownership).await,
            Event::KeyNews { key, news } => self.tell_of_key(key, news).await,
            Event::LinkWanted { link } => self.send_link(link).await,
            Event::PasswordForgotten { login } => self.send_reset(&login).await,
            Event::AddressInUse { account } => self.tell_address_in_use(account).await,
            Event::AccountNews { handle, email, at, news } => {
                self.tell_of_account(handle, &email, at, news).await
            }
        }
    }
}
