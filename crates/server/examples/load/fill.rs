//! Filling the store: keys and gems in great numbers, as if they had been made one by one.

use anyhow::{Context as _, Result};
use domain::{
    AccountId, Clock as _, Ecosystem, Expiry, KeyDigest, OwnershipId, PackageId, PackageName, PlainKey,
    ReleaseId, Role, SystemClock, Timestamp,
};
use registry::{Author, KeySelection, NewKey, NewUser, Registry};
use serde_json::json;
use server::Settings;
use store::{Artifact, Db, NewOwnership, NewRelease, Store};

use crate::options::Options;

/// Accounts that share the keys.
const ACCOUNTS: usize = 10;
/// Keys that are used again and again.
const WARM: usize = 64;
/// Keys that are used once.
const COLD: usize = 3000;
/// Records of one transaction.
const BATCH: usize = 50_000;

/// Values of some of the keys.
pub(crate) struct Keys {
    /// For many requests.
    pub(crate) warm: Vec<String>,
    /// For one request each.
    pub(crate) cold: Vec<String>,
    /// Whose some of them are.
    account: AccountId,
}

/// Makes the keys: one for each account in the usual way, the others as its copies.
pub(crate) async fn keys(settings: &Settings, options: &Options) -> Result<Keys> {
    let registry = server::open(settings).await?;
    let store = Store::open(&settings.database).await?;
    let mut values = Vec::new();
    let mut account = None;
    for number in 0..ACCOUNTS {
        let owner = add_account(&registry, number).await?;
        let key = registry
            .issue_key(Author::Operator("bench"), owner, Ecosystem::RubyGems, new_key())
            .await?
            .key
            .id;
        for batch in batches(options.keys / ACCOUNTS) {
            let made: Vec<_> = std::iter::repeat_with(PlainKey::generate).take(batch).collect();
            let digests: Vec<_> = made.iter().map(PlainKey::digest).collect();
            store::bulk::copy_key(&store, key, &digests, SystemClock.now()).await?;
            values.extend(
                made.iter().take((WARM + COLD) / ACCOUNTS + 1).map(|value| value.expose().to_owned()),
            );
        }
        account = Some(owner);
    }
    let cold = values.split_off(WARM.min(values.len()));
    Ok(Keys {
        warm: values,
        cold: cold.into_iter().take(COLD).collect(),
        account: account.context("there are accounts")?,
    })
}

async fn add_account(registry: &Registry, number: usize) -> Result<AccountId> {
    let handle = format!("load{number}");
    let email = format!("{handle}@example.com");
    let user = NewUser { handle: &handle, email: &email, password: "correct horse battery", is_admin: false };
    Ok(registry.add_user(Author::Operator("bench"), &user).await?)
}

fn new_key() -> NewKey {
    NewKey {
        name: "load".to_owned(),
        words: vec!["index_rubygems".to_owned(), "push_rubygem".to_owned()],
        selection: KeySelection::Any,
        expiry: Expiry::Never,
        otp_required: false,
    }
}

/// `count` in parts that are not too large for one transaction.
fn batches(count: usize) -> impl Iterator<Item = usize> {
    (0..count).step_by(BATCH).map(move |done| BATCH.min(count - done))
}

/// Records gems, each with one release, without their bytes: nobody asks for those here.
pub(crate) async fn gems(settings: &Settings, keys: &Keys, count: usize) -> Result<()> {
    let store = Store::open(&settings.database).await?;
    let mut number = 0;
    for batch in batches(count) {
        #[expect(
            clippy::disallowed_methods,
            reason = "the records themselves, not a change that somebody makes"
        )]
        let mut db = store.begin().await?;
        for _ in 0..batch {
            add_gem(&mut db, keys.account, number).await?;
            number += 1;
        }
        db.commit().await?;
    }
    Ok(server::open(settings).await?.rebuild_gem_index().await?)
}

async fn add_gem(db: &mut Db, account: AccountId, number: usize) -> Result<()> {
    let (name, now) = (format!("gem-of-{number}"), SystemClock.now());
    let (package, release) = (PackageId::new(now), ReleaseId::new(now));
    let sha256 = *KeyDigest::of(&name).as_bytes();
    db.packages().add(package, &PackageName::parse(Ecosystem::RubyGems, &name)?, now).await?;
    let ownership = NewOwnership {
        invited_as: None,
        id: OwnershipId::new(now),
        package,
        account,
        role: Role::Owner,
        invited_by: None,
        at: now,
    };
    db.ownerships().add(&ownership).await?;
    add_release(db, account, package, release, &name, now).await?;
    db.gems().claim_full_name(&format!("{name}-1.0.0"), release).await?;
    for kind in ["gem", "quick"] {
        let blob = format!("none/{kind}/{name}");
        db.releases()
            .add_artifact(release, &Artifact { kind: kind.to_owned(), blob, sha256, size: 4096 })
            .await?;
    }
    Ok(())
}

async fn add_release(
    db: &mut Db,
    account: AccountId,
    package: PackageId,
    release: ReleaseId,
    name: &str,
    now: Timestamp,
) -> Result<()> {
    let facts = json!({ "spec": { "name": name, "version": "1.0.0", "authors": ["An Author"], "summary": "A small gem" } });
    let release = NewRelease {
        id: release,
        package,
        number: "1.0.0",
        canonical: "1",
        platform: "ruby",
        resolved_platform: "ruby",
        prerelease: false,
        facts: &facts,
        index_text: "rack:>= 2.2&< 4,json:~> 2.0|checksum:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        published_by: account,
        published_with: None,
        published_at: now,
    };
    Ok(db.releases().add(&release).await?)
}
