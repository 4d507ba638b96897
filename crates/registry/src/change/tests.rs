//! What the types cannot say: which changes begin without a caller, and which statements need no event.

use std::{collections::BTreeSet, fs, path::Path};

/// The use cases that begin a change without a caller, and where they prove who asks. This list may only shrink: whoever adds to
/// it says to the reviewer why.
const UNPROVED: &[(&str, &str)] = &[
    ("links.rs mail_link", "the outbox draws the token of a link that somebody admitted asked for"),
    ("links.rs reset_link", "the outbox sends a link to the account's own address"),
    ("owners.rs accept_invitation", "the token of the invitation"),
    ("owners.rs address_invitation", "the outbox sends an invitation that an owner made"),
    ("owners.rs invitation", "the outbox draws the token of an invitation"),
    ("password.rs reset_password", "the token of the link"),
    ("setup.rs set_up", "the token of the first run"),
    ("setup.rs setup_token", "the process itself, at its start"),
    ("sign_up.rs accept_user_invitation", "the token of the invitation"),
    ("sign_up.rs sign_up", "anybody may, where sign-up is open"),
];

/// The functions that write without a change: they touch no right, no secret and no release.
const BOOKKEEPING: &[&str] = &[
    "expiry.rs announce_expiry",
    "follow.rs forget",
    "follow.rs look_for_changes",
    "follow.rs stop_following",
    "gem_index.rs rebuild_gem_index",
    "jobs.rs job_done",
    "jobs.rs job_failed",
    "jobs.rs next_job",
    "jobs.rs split_job",
    "links.rs sweep_links",
    "password.rs forgot_password",
    "publish.rs store_blobs",
    "sessions.rs note_session",
    "sessions.rs sweep_sessions",
    "sweep.rs drop_pending",
    "usage.rs write_usage",
];

/// The statements that change rights, secrets or releases, each with the event that goes with it. `audit` in the server's tests
/// shows that each event is written exactly once.
const CHANGES: &[(&str, &str)] = &[
    ("accounts.rs add", "account.created"),
    ("accounts.rs delete", "account.deleted"),
    ("accounts.rs set_email", "account.email_changed, account.email_confirmed"),
    ("accounts.rs set_locked", "account.locked, account.unlocked"),
    ("accounts.rs set_package_mails", "account.package_mails_changed"),
    ("accounts.rs set_password", "account.password_changed"),
    ("gems.rs claim_full_name", "release.published"),
    ("keys.rs add", "key.created, key.imported, key.regenerated"),
    ("keys.rs claim_value", "key.value_claimed"),
    ("keys.rs insert_grants", "key.created, key.changed"),
    ("keys.rs lose_ownership", "owner.removed"),
    ("keys.rs offer_value", "key.value_offered"),
    ("keys.rs revoke", "key.revoked, key.regenerated"),
    ("keys.rs revoke_all", "key.revoked, keys.ended_revoked"),
    ("keys.rs update", "key.changed"),
    ("links.rs add", "account.confirmation_requested, account.invited, account.created, account.link_sent"),
    (
        "links.rs clear",
        "account.password_changed, account.confirmation_requested, account.deleted, account.locked",
    ),
    ("links.rs set_token", "account.link_sent"),
    ("links.rs take", "account.email_changed, account.email_confirmed, account.created"),
    ("ownerships.rs add", "release.published, owner.invited, owner.added"),
    ("ownerships.rs confirm", "owner.confirmed"),
    ("ownerships.rs remove", "owner.removed, owner.added"),
    ("ownerships.rs renew_invitation", "owner.invited_again"),
    ("ownerships.rs set_invitation", "owner.invitation_sent"),
    ("ownerships.rs set_role", "owner.role_changed"),
    ("packages.rs add", "release.published"),
    ("packages.rs rename", "release.published"),
    ("packages.rs set_latest", "release.published, release.withdrawn, release.restored"),
    ("packages.rs set_reclaimable", "release.withdrawn, release.restored, release.published"),
    ("packages.rs touch", "release.published, release.withdrawn, release.restored"),
    ("releases.rs add", "release.published"),
    ("releases.rs add_artifact", "release.published"),
    ("releases.rs restore", "release.restored"),
    ("releases.rs withdraw", "release.withdrawn"),
    ("sessions.rs add", "session.began"),
    ("sessions.rs add_device", "session.began"),
    ("sessions.rs device_seen", "session.began"),
    ("sessions.rs end", "session.ended"),
    ("sessions.rs end_beyond", "session.ended"),
    ("sessions.rs end_all", "account.password_changed, account.deleted, account.locked"),
    ("sessions.rs forget_devices", "account.deleted"),
    ("sessions.rs forget_devices_beyond", "session.began"),
    ("sessions.rs proved", "session.proved"),
    ("setup.rs add", "setup.link_printed"),
    ("setup.rs clear", "account.created"),
    ("unmatched_invitations.rs add", "owner.invited"),
    ("unmatched_invitations.rs clear", "owner.removed"),
    ("unmatched_invitations.rs remove", "owner.removed, owner.confirmed"),
    ("unmatched_invitations.rs renew", "owner.invited_again"),
];

/// The statements that need no event: bookkeeping, counts, and what ended by itself.
const NO_EVENT: &[&str] = &[
    "audit.rs add",
    "authorization.rs acknowledge",
    "authorization.rs changed",
    "authorization.rs forget",
    "authorization.rs prune",
    "blobs.rs add",
    "blobs.rs remove",
    "gems.rs append",
    "gems.rs insert",
    "gems.rs start_generation",
    "keys.rs note_push",
    "keys.rs note_use",
    "keys.rs take_expired",
    "keys.rs take_expiring",
    "keys.rs take_retired",
    "links.rs clear_old",
    "outbox.rs add",
    "outbox.rs claim",
    "outbox.rs done",
    "outbox.rs failed",
    "releases.rs count_downloads",
    "sessions.rs end_idle",
    "sessions.rs forget_old_devices",
    "sessions.rs seen",
];

/// Every place in a folder of source files where one of `needles` stands, as `FILE FUNCTION`, tests left out.
fn places(folder: &Path, needles: &[&str]) -> Vec<String> {
    let mut places = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.extension().is_none_or(|it| it != "rs") {
            continue;
        }
        let file = entry.file_name().unwrap().to_str().unwrap().to_owned();
        let mut function = String::new();
        for line in fs::read_to_string(&entry).unwrap().lines() {
            if line.trim_start().starts_with("mod tests") {
                break;
            }
            if let Some((_, rest)) = line.split_once("fn ").filter(|_| !line.trim_start().starts_with("//")) {
                function = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            }
            if needles.iter().any(|needle| line.contains(needle)) {
                places.insert(format!("{file} {function}"));
            }
        }
    }
    places.into_iter().collect()
}

fn source(of: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(of)
}

#[test]
fn the_list_of_changes_without_a_caller_is_exact() {
    let found = places(&source("src"), &["self.begin_unproved()"]);
    assert_eq!(found, UNPROVED.iter().map(|(place, _)| *place).collect::<Vec<_>>());
}

#[test]
fn the_list_of_bookkeeping_is_exact() {
    assert_eq!(places(&source("src"), &["self.bookkeeping()"]), BOOKKEEPING);
}

#[test]
fn every_statement_that_writes_has_its_event_or_needs_none() {
    let files = source("../store/src");
    let writes = ["\"INSERT INTO ", "\"UPDATE ", "\"DELETE FROM "];
    let mut found = places(&files, &writes);
    // The schema itself, and what only tests and benchmarks write.
    found.retain(|place| !["migrate.rs", "bulk.rs", "testing.rs"].iter().any(|file| place.starts_with(file)));
    let mut known: Vec<_> = CHANGES.iter().map(|(place, _)| *place).chain(NO_EVENT.iter().copied()).collect();
    known.sort_unstable();
    assert_eq!(found, known);
}
