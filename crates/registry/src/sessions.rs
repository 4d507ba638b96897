use std::fmt;

use domain::{AccountId, EventId, KeyDigest, Timestamp, Token};
use jiff::SignedDuration;
use serde_json::json;
use store::{Account, NewSession, Session};

use crate::{
    AccountFacts, AccountNews, Caller, ClientAddress, Error, Missing, Registry, Result, change::Change,
};

/// The most sessions of an account: when another one begins, the one that was used longest ago ends. Browsers that are known to an
/// account are as many.
const MOST_SESSIONS: i64 = 100;
/// A session ends when it was not used for this long.
const IDLE: SignedDuration = SignedDuration::from_hours(14 * 24);
/// For this long after the password was given sensitive pages do not ask for it.
const PROOF: SignedDuration = SignedDuration::from_mins(10);
/// The use of a session is noted no more often than this.
const NOTED: SignedDuration = SignedDuration::from_mins(1);
/// A browser is known again for this long after it was last used to sign in.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(365 * 24);
/// Longest name of a browser that is kept, in characters.
const AGENT: usize = 200;

/// What somebody signs in with.
#[derive(Debug, Clone, Copy)]
pub struct Browser<'a> {
    /// Where it is.
    pub from: ClientAddress,
    /// What it calls itself.
    pub agent: &'a str,
    /// The token by which it is known, if it has one.
    pub device: Option<&'a str>,
}

/// The token of a session or of a browser, for its cookie.
pub struct SessionToken(Token);

impl SessionToken {
    /// The text, for the cookie.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken")
    }
}

/// Somebody who is signed in to the pages.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub caller: Caller,
    /// The session.
    pub session: EventId,
    /// Whether the password was given so recently that sensitive pages need not ask.
    pub proved: bool,
}

impl Registry {
    /// Begins a session with name and password. The owner hears by mail of a browser that was not seen before.
    pub async fn begin_session(
        &self,
        login: &str,
        password: &str,
        browser: Browser<'_>,
    ) -> Result<(SessionToken, Option<SessionToken>)> {
        let verified = self.verify_password(login, password, browser.from).await?;
        let (now, token, id) = (self.now(), Token::generate(), verified.id);
        let agent: String = browser.agent.chars().filter(|it| !it.is_control()).take(AGENT).collect();
        let address = browser.from.0.to_string();
        let session = NewSession {
            id: EventId::new(now),
            account: id,
            digest: &token.digest(),
            user_agent: &agent,
            address: &address,
            at: now,
        };
        // The password that was changed, or the account that ended, while it was verified: whoever did so ended the sessions before.
        let mut change = self.begin(&Caller::with_password(AccountFacts::from(&verified))).await?;
        let account = change.account(id).await?;
        change.sessions().add(&session).await?;
        change.record_account(id, "session.began", json!({ "address": address })).await?;
        for ended in change.sessions().end_beyond(id, MOST_SESSIONS).await? {
            let details = json!({ "session": ended.to_string(), "reason": "too many sessions" });
            change.record_account(id, "session.ended", details).await?;
        }
        let news = AccountNews::NewDevice { agent, address };
        let device = self.note_device(&mut change, &account, browser.device, news).await?;
        change.commit().await?;
        Ok((SessionToken(token), device.map(SessionToken)))
    }

    /// Gives a browser that the account was never seen with a token to be known by. The first one of an account is no news.
    async fn note_device(
        &self,
        change: &mut Change,
        account: &Account,
        presented: Option<&str>,
        news: AccountNews,
    ) -> Result<Option<Token>> {
        let now = self.now();
        if let Some(device) = presented
            && change.sessions().device_seen(account.id, &KeyDigest::of(device), now).await?
        {
            return Ok(None);
        }
        let device = Token::generate();
        let is_news = change.sessions().add_device(account.id, &device.digest(), now).await?;
        change.sessions().forget_devices_beyond(account.id, MOST_SESSIONS).await?;
        if is_news {
            self.announce_account(change, account, news).await?;
        }
        Ok(Some(device))
    }

    /// Who holds the session with this token, if it is alive.
    pub async fn session(&self, token: &str) -> Result<Option<SignedIn>> {
        let now = self.now();
        let mut db = self.store().read().await?;
        let Some(session) = db.sessions().find(&KeyDigest::of(token)).await? else { return Ok(None) };
        let account = db.accounts().get(session.account).await?;
        drop(db);
        let Some(account) = account.filter(|account| account.locked_at.is_none() && is_alive(&session, now))
        else {
            return Ok(None);
        };
        self.note_session(&session, now).await?;
        let proved = now.duration_since(session.proved_at) < PROOF;
        Ok(Some(SignedIn {
            caller: Caller::with_session(AccountFacts::from(&account), session.id),
            session: session.id,
            proved,
        }))
    }

    async fn note_session(&self, session: &Session, now: Timestamp) -> Result<()> {
        if now.duration_since(session.seen_at) < NOTED {
            return Ok(());
        }
        let mut db = self.bookkeeping().await?;
        db.sessions().seen(session.id, now).await?;
        Ok(db.commit().await?)
    }

    /// The password was given again: sensitive pages open for a while.
    pub async fn prove_session(
        &self,
        signed_in: &SignedIn,
        password: &str,
        from: ClientAddress,
    ) -> Result<()> {
        let account = signed_in.caller.account();
        let verified = self.sign_in(&account.handle, password, from).await?;
        let mut change = self.begin(&signed_in.caller).await?;
        let (now, current) = (change.now(), change.account(account.id).await?);
        if current.password_epoch != verified.account().password_epoch {
            return Err(Error::WrongPassword);
        }
        change.sessions().proved(signed_in.session, now).await?;
        let details = json!({ "session": signed_in.session.to_string() });
        change.record_account(account.id, "session.proved", details).await?;
        change.commit().await
    }

    /// The live sessions of an account, newest first.
    pub async fn sessions(&self, account: AccountId) -> Result<Vec<Session>> {
        let now = self.now();
        let sessions = self.store().read().await?.sessions().list(account).await?;
        Ok(sessions.into_iter().filter(|session| is_alive(session, now)).collect())
    }

    /// Ends a session of the caller's account.
    pub async fn end_session(&self, caller: &Caller, session: EventId) -> Result<()> {
        let mut change = self.begin(caller).await?;
        let account = change.account(caller.account().id).await?;
        if !change.sessions().end(account.id, session).await? {
            return Err(Error::NotFound(Missing::Session));
        }
        change.record_account(account.id, "session.ended", json!({ "session": session.to_string() })).await?;
        change.commit().await
    }

    /// Drops the records of sessions that ended by themselves.
    pub(crate) async fn sweep_sessions(&self) -> Result<()> {
        let mut db = self.bookkeeping().await?;
        db.sessions().end_idle(self.now() - IDLE).await?;
        db.sessions().forget_old_devices(self.now() - REMEMBERED).await?;
        Ok(db.commit().await?)
    }
}

pub(crate) fn is_alive(session: &Session, now: Timestamp) -> bool {
    now.duration_since(session.seen_at) < IDLE
}
