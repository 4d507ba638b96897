#![doc = include_str!("../README.md")]

mod accounts;
mod keys;
mod owners;
mod packages;

use domain::Timestamp;
use mail::Mailer;
use registry::{Event, Job, Registry};

/// So often a mail server may say that it will never take a mail: a day and a half, in which the operator can correct a setting.
const MOST_REFUSALS: i64 = 16;

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
        self.run_due_unless(|| false).await
    }

    /// The same, but stops between two pieces once `stopped` says so.
    pub async fn run_due_unless(&self, stopped: impl Fn() -> bool) -> anyhow::Result<usize> {
        let (mut count, mut done) = (0, None);
        while !stopped() && (done.is_some() || self.registry.job_is_due().await?) {
            let Some(job) = self.registry.next_job(done.take()).await? else { break };
            match self.handle(&job).await {
                Ok(()) => {
                    count += 1;
                    done = Some(job);
                }
                Err(error) => self.failed(&job, &error).await?,
            }
        }
        if let Some(job) = done {
            self.registry.job_done(&job).await?;
        }
        Ok(count)
    }

    /// Puts work off that failed. A mail that is refused for good again and again is given up: it would never arrive.
    async fn failed(&self, job: &Job, error: &anyhow::Error) -> anyhow::Result<()> {
        let refused = error.downcast_ref::<mail::Error>().is_some_and(mail::Error::is_refusal);
        let error = format!("{error:#}");
        if refused && job.attempts >= MOST_REFUSALS {
            tracing::error!(job = %job.id, error, "a mail was refused too often and is given up");
            return Ok(self.registry.job_done(job).await?);
        }
        tracing::warn!(job = %job.id, error, "a job failed and will be tried again");
        Ok(self.registry.job_failed(job, &error).await?)
    }

    async fn handle(&self, job: &Job) -> anyhow::Result<()> {
        match job.event.clone() {
            Event::OwnerInvited { ownership } => self.invite_owner(ownership).await,
            Event::AddressInvited { invitation } => self.invite_address(invitation).await,
            Event::KeyNews { key, news } => self.tell_of_key(key, news).await,
            Event::PackageNews { news, to } => self.tell_of_package(job, news, to).await,
            Event::LinkWanted { link } => self.send_link(link).await,
            Event::PasswordForgotten { login } => self.send_reset(&login).await,
            Event::AddressInUse { account } => self.tell_address_in_use(account).await,
            Event::AccountNews { handle, email, at, news } => {
                self.tell_of_account(handle, &email, at, news).await
            }
        }
    }
}

/// An instant as people read it.
fn utc(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
