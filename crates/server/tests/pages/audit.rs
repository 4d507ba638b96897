//! Each change of a right, a secret or a release leaves exactly one event of its own. `change/tests.rs` in `registry` lists the
//! statements that write, with the events that this table shows.

use domain::{Ecosystem, KeyEdit, PackageName, PlainKey, Role};
use registry::{LegacyValue, NewUser};
use testkit::{GemBuilder, OPERATOR, TestApp};

use crate::{
    accounts::{link, open_app, sign_up},
    browser::{Browser, PASSWORD},
    dead_credentials::{FROM, new_key},
};

/// What was added to the log since the last look, in the order of the alphabet.
struct Log<'app> {
    app: &'app TestApp,
    seen: usize,
    told: Vec<String>,
}

impl<'app> Log<'app> {
    async fn since_now(app: &'app TestApp) -> Self {
        app.settle().await;
        Self { app, seen: app.db_events().await.len(), told: Vec::new() }
    }

    /// Asserts that these events, and no others, were written since the last look.
    async fn has(&mut self, expected: &[&str]) {
        self.app.settle().await;
        self.app.clock.advance(1);
        let all = self.app.db_events().await;
        let mut new = all[self.seen..].to_vec();
        new.sort();
        assert_eq!(new, expected);
        self.seen = all.len();
        self.told.extend(new);
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table: one change after the other, on one server")]
async fn each_change_leaves_exactly_one_event() {
    let app = open_app().await;
    let registry = app.registry();
    let hola = PackageName::parse(Ecosystem::RubyGems, "hola").unwrap();
    let boss = NewUser { handle: "boss", email: "boss@example.com", password: PASSWORD, is_admin: true };
    registry.add_user(OPERATOR, &boss).await.unwrap();
    let (alice, bob) = (app.person("alice").await, app.person("bob").await);
    app.clock.advance(1);
    let mut log = Log::since_now(&app).await;

    // Accounts and sessions.
    let mut carol = Browser::open(&app);
    sign_up(&mut carol, "carol", "carol@example.com").await;
    log.has(&["account.created", "account.link_sent"]).await;
    let confirm = link(&app, "carol@example.com", "email/confirm").await;
    carol.submit(&confirm, &[("password", PASSWORD)]).await;
    log.has(&["account.email_confirmed"]).await;
    let mut carol = Browser::signed_in(&app, "carol").await;
    log.has(&["session.began"]).await;
    carol.submit("/verify", &[("password", PASSWORD), ("return", "/keys")]).await;
    log.has(&["session.proved"]).await;
    carol.submit("/settings/email", &[("email", "c@example.com")]).await;
    log.has(&["account.confirmation_requested", "account.link_sent"]).await;
    carol.submit("/settings/confirmation", &[]).await;
    log.has(&["account.confirmation_requested", "account.link_sent"]).await;
    let confirm = link(&app, "c@example.com", "email/confirm").await;
    carol.submit(&confirm, &[]).await;
    log.has(&["account.email_changed"]).await;
    carol.submit("/settings/email", &[("email", "alice@example.com")]).await;
    log.has(&["account.address_wanted", "account.confirmation_requested"]).await;
    carol.submit("/settings/mails", &[]).await;
    log.has(&["account.package_mails_changed"]).await;
    carol.submit("/settings/mails", &[]).await;
    log.has(&[]).await;
    carol.submit("/settings/password", &[("password", "a new long password")]).await;
    log.has(&["account.password_changed"]).await;
    carol.submit("/sign_out", &[]).await;
    log.has(&["session.ended"]).await;
    carol.submit("/password/forgotten", &[("login", "carol")]).await;
    log.has(&["account.link_sent"]).await;
    let reset = link(&app, "c@example.com", "password/reset").await;
    carol.submit(&reset, &[("password", "another long password")]).await;
    log.has(&["account.password_changed"]).await;
    registry.invite_user(OPERATOR, "dora@example.com").await.unwrap();
    log.has(&["account.invited", "account.link_sent"]).await;
    let invitation = link(&app, "dora@example.com", "sign_up").await;
    carol.submit(&invitation, &[("handle", "dora"), ("password", PASSWORD)]).await;
    log.has(&["account.created"]).await;
    registry.lock_account(OPERATOR, bob.id).await.unwrap();
    log.has(&["account.locked"]).await;
    registry.unlock_account(OPERATOR, bob.id).await.unwrap();
    log.has(&["account.unlocked"]).await;

    // Keys.
    let caller = registry.sign_in("alice", PASSWORD, FROM).await.unwrap();
    let gem_key = registry.issue_key(&caller, alice.id, Ecosystem::RubyGems, new_key()).await.unwrap();
    log.has(&["key.created"]).await;
    let words = Some(vec!["push_rubygem".to_owned(), "yank_rubygem".to_owned()]);
    let edit = KeyEdit { words, selection: None, otp_required: None };
    registry.edit_key(&caller, gem_key.key.id, edit).await.unwrap();
    log.has(&["key.changed"]).await;
    let claim = registry.offer_value(&caller, gem_key.key.id).await.unwrap();
    log.has(&["key.value_offered"]).await;
    let value = registry.claim_value(&caller, gem_key.key.id, claim.expose()).await.unwrap();
    log.has(&["key.value_claimed"]).await;
    assert!(registry.claim_value(&caller, gem_key.key.id, claim.expose()).await.is_err());
    log.has(&[]).await;
    let legacy = PlainKey::generate();
    let values = [LegacyValue { line: 1, digest: legacy.digest() }];
    registry.import_legacy_keys(OPERATOR, alice.id, Ecosystem::NuGet, None, &values).await.unwrap();
    log.has(&["key.imported"]).await;
    let mut wanted = new_key();
    wanted.words = vec!["package:push".to_owned()];
    wanted.selection = registry::KeySelection::Patterns { names: Vec::new(), globs: vec!["*".to_owned()] };
    wanted.expiry = domain::Expiry::Default;
    let nuget = registry.issue_key(&caller, alice.id, Ecosystem::NuGet, wanted).await.unwrap();
    log.has(&["key.created"]).await;
    let renewed = registry.regenerate_key(&caller, nuget.key.id).await.unwrap();
    log.has(&["key.regenerated"]).await;
    registry.revoke_key(&caller, renewed.key.id).await.unwrap();
    log.has(&["key.revoked"]).await;
    assert!(registry.revoke_key(&caller, renewed.key.id).await.is_err());
    log.has(&[]).await;

    // Releases and owners.
    let holder = app.holder(gem_key.key.id, value.expose());
    assert_eq!(holder.push(GemBuilder::new("hola", "1.0.0").build()).await.status, 200);
    log.has(&["release.published"]).await;
    assert_eq!(holder.yank("hola", "1.0.0").await.status, 200);
    log.has(&["release.withdrawn"]).await;
    registry.restore(OPERATOR, &hola, "1.0.0", "ruby").await.unwrap();
    log.has(&["release.restored"]).await;
    registry.invite_owner(&caller, &hola, "bob", Role::Owner).await.unwrap();
    log.has(&["owner.invitation_sent", "owner.invited"]).await;
    registry.resend_invitation(&caller, &hola, "bob").await.unwrap();
    log.has(&["owner.invitation_sent", "owner.invited_again"]).await;
    let invitation = link(&app, "bob@example.com", "owners/confirm").await;
    carol.submit(&invitation, &[]).await;
    log.has(&["owner.confirmed"]).await;
    registry.set_owner_role(&caller, &hola, "bob", Role::Maintainer).await.unwrap();
    log.has(&["owner.role_changed"]).await;
    registry.remove_owner(&caller, &hola, "bob").await.unwrap();
    log.has(&["owner.removed"]).await;
    registry.add_owner(OPERATOR, &hola, "bob", Role::Owner).await.unwrap();
    log.has(&["owner.added"]).await;

    // What consists of several: one event for each.
    registry.reset_keys(&caller, alice.id, Ecosystem::RubyGems).await.unwrap();
    log.has(&["key.revoked"]).await;
    registry.reset_keys(&caller, alice.id, Ecosystem::RubyGems).await.unwrap();
    log.has(&[]).await;
    registry.delete_account(OPERATOR, alice.id).await.unwrap();
    log.has(&["account.deleted", "key.revoked", "owner.removed"]).await;

    log.told.sort();
    log.told.dedup();
    assert_eq!(log.told.len(), 32, "a new event has to be shown here: {:?}", log.told);
}
