use std::ops::ControlFlow;

use blobs::{BlobName, Upload};
use bytes::Bytes;
use domain::{Action, Ecosystem, PackageId, PackageName, PackageStanding, ReleaseId, Timestamp};
use jiff::SignedDuration;
use serde_json::json;
use store::{Artifact, AuditEvent, Db, NewRelease, Package, Release};

use crate::{
    Caller, Conflict, Error, IndexChange, PackageChange, Registry, Result, authorize::standing, full_number,
    takeover::Claim,
};

/// A live name keeps similar names away while its last change is younger than this, or with this many downloads.
const SIMILAR_YEARS: SignedDuration = SignedDuration::from_hours(5 * 365 * 24);

/// What a protocol read from an upload: plain facts, and the bytes that were received.
#[derive(Debug)]
pub struct Publication {
    /// The name read from the bytes.
    pub name: PackageName,
    /// The version as written.
    pub number: String,
    /// The version in the form that is compared.
    pub canonical: String,
    /// The platform as written.
    pub platform: String,
    /// The platform in its normal form.
    pub resolved_platform: String,
    /// A prerelease?
    pub prerelease: bool,
    /// What faces show of it later.
    pub facts: serde_json::Value,
    /// What the index says of it.
    pub index_text: String,
    /// File names that the release takes, over all packages of the ecosystem.
    pub full_names: Vec<String>,
    /// Rules of the ecosystem that the facts break: told only to those who may publish under the name.
    pub problems: Vec<String>,
    /// The word for the uploaded file.
    pub kind: &'static str,
    /// The uploaded file.
    pub upload: Upload,
    /// Smaller files made from it.
    pub companions: Vec<(&'static str, Bytes)>,
}

/// How a publication ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// It is live now.
    Now,
    /// The same account published the same bytes before.
    Before,
}

impl Registry {
    /// Publishes a release: checks, stores the bytes, records, announces. Nothing is visible before the commit, and nothing is
    /// left when it fails. `received_at` is the instant at which the request began.
    pub async fn publish(
        &self,
        caller: &Caller,
        publication: &Publication,
        received_at: Timestamp,
    ) -> Result<Published> {
        if self.preview(caller, publication, received_at).await?.is_break() {
            return Ok(Published::Before);
        }
        let artifacts = self.store_blobs(publication).await?;
        let outcome = self.record_until_settled(caller, publication, &artifacts, received_at).await;
        if !matches!(outcome, Ok(Published::Now)) {
            self.discard(&artifacts).await;
        }
        outcome
    }

    /// A look at what the records say before any byte is stored. It locks nothing, so the package may appear in the middle of it:
    /// then it looks again.
    async fn preview(
        &self,
        caller: &Caller,
        publication: &Publication,
        received_at: Timestamp,
    ) -> Result<ControlFlow<(), Claim>> {
        let mut db = self.store().read().await?;
        loop {
            let package = db.packages().find(&publication.name).await?;
            match self.assess(&mut db, caller, publication, package, received_at).await {
                Err(Error::Conflict(Conflict::Raced)) => {}
                seen => return seen,
            }
        }
    }

    /// Everything that can speak against the publication, in the order in which publishers are told. `package` is the one that
    /// has the name.
    async fn assess(
        &self,
        db: &mut Db,
        caller: &Caller,
        publication: &Publication,
        package: Option<Package>,
        received_at: Timestamp,
    ) -> Result<ControlFlow<(), Claim>> {
        let Some(package) = package else {
            self.authorize_new(caller, publication)?;
            self.check_rules(db, caller, publication, None, None).await?;
            return Ok(ControlFlow::Continue(Claim { package: None, takeover: false }));
        };
        let p = publication;
        let twin = db.releases().find(package.id, &p.canonical, &p.platform, &p.resolved_platform).await?;
        if let Some(twin) =
            twin.as_ref().filter(|twin| twin.number == p.number && twin.platform == p.platform)
        {
            return repeated(db, caller, publication, twin, received_at).await.map(ControlFlow::Break);
        }
        let claim = self.authorize_known(db, caller, publication, package).await?;
        self.check_rules(db, caller, publication, claim.package.as_ref(), twin.as_ref()).await?;
        Ok(ControlFlow::Continue(claim))
    }

    fn authorize_new(&self, caller: &Caller, publication: &Publication) -> Result<()> {
        let standing = if self.is_reserved(&publication.name) {
            PackageStanding::Reserved
        } else {
            PackageStanding::Unclaimed
        };
        self.may(caller, Action::PublishNew, Some(&publication.name), standing)
    }

    async fn authorize_known(
        &self,
        db: &mut Db,
        caller: &Caller,
        publication: &Publication,
        package: Package,
    ) -> Result<Claim> {
        let live = db.releases().any_live(package.id).await?;
        if live && package.name.as_str() != publication.name.as_str() {
            return Err(Conflict::LetterCase.into());
        }
        let standing = match standing(db, caller, &package).await? {
            _ if self.is_reserved(&publication.name) => PackageStanding::Reserved,
            PackageStanding::Stranger if !live && self.is_reclaimable(&package) => PackageStanding::Unclaimed,
            standing => standing,
        };
        let takeover = standing == PackageStanding::Unclaimed;
        let action = if takeover { Action::PublishNew } else { Action::PublishVersion };
        match self.may(caller, action, Some(&package.name), standing) {
            Err(Error::Denied(domain::Reason::NotOwner)) => Err(not_owner(db, caller, &package).await?),
            Err(other) => Err(other),
            Ok(()) => Ok(Claim { package: Some(package), takeover }),
        }
    }

    /// The rules that only those hear of who may publish.
    async fn check_rules(
        &self,
        db: &mut Db,
        caller: &Caller,
        publication: &Publication,
        package: Option<&Package>,
        twin: Option<&Release>,
    ) -> Result<()> {
        let mut problems = publication.problems.clone();
        if let Some(twin) = twin {
            problems.push(if twin.platform == publication.platform {
                format!("Canonical number has already been taken. Existing version: {}", twin.number)
            } else {
                format!(
                    "A version already exists with this number and resolved platform [{}, {}]",
                    publication.number, publication.resolved_platform
                )
            });
        }
        for full_name in &publication.full_names {
            if let Some((other, _)) = db.gems().find_package(full_name).await?
                && Some(other.id) != package.map(|package| package.id)
            {
                if other.name == publication.name {
                    return Err(Conflict::Raced.into());
                }
                problems.push(format!(
                    "Full name '{full_name}' is taken by a version of '{}'",
                    other.name.as_str()
                ));
            }
        }
        if package.is_none() {
            problems.extend(self.similar_name(db, caller, &publication.name).await?);
        }
        if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
    }

    async fn similar_name(&self, db: &mut Db, caller: &Caller, name: &PackageName) -> Result<Option<String>> {
        if name.ecosystem() != Ecosystem::RubyGems || !self.policy().refuse_similar_gem_names {
            return Ok(None);
        }
        let Some(similar) = db.packages().find_similar(name).await? else { return Ok(None) };
        let active = self.now().duration_since(similar.changed_at) < SIMILAR_YEARS;
        let own = matches!(standing(db, caller, &similar).await?, PackageStanding::Member(_));
        Ok((active && !own).then(|| {
            format!("'{}' is too similar to an existing gem named '{}'", name.as_str(), similar.name.as_str())
        }))
    }

    pub(crate) fn is_reserved(&self, name: &PackageName) -> bool {
        name.ecosystem() == Ecosystem::RubyGems
            && self.policy().reserved_gem_names.iter().any(|reserved| reserved == name.key())
    }

    /// Stores the bytes under new names, each noted before it is stored.
    async fn store_blobs(&self, publication: &Publication) -> Result<Vec<Artifact>> {
        let artifacts = self.name_blobs(publication);
        let mut db = self.bookkeeping().await?;
        for artifact in &artifacts {
            db.pending_blobs().add(&artifact.blob, self.now()).await?;
        }
        db.commit().await?;
        let stored = self.put_blobs(publication, &artifacts).await;
        if stored.is_err() {
            self.discard(&artifacts).await;
        }
        stored.map(|()| artifacts)
    }

    fn name_blobs(&self, publication: &Publication) -> Vec<Artifact> {
        let artifact = |kind: &str, sha256: [u8; 32], size: u64| Artifact {
            kind: kind.to_owned(),
            blob: BlobName::new(&sha256, self.now()).as_str().to_owned(),
            sha256,
            size,
        };
        let upload = &publication.upload;
        let companions = publication
            .companions
            .iter()
            .map(|(kind, bytes)| artifact(kind, blobs::sha256(bytes), bytes.len() as u64));
        std::iter::once(artifact(publication.kind, *upload.sha256(), upload.size()))
            .chain(companions)
            .collect()
    }

    async fn put_blobs(&self, publication: &Publication, artifacts: &[Artifact]) -> Result<()> {
        let (upload, companions) = artifacts.split_first().expect("the upload itself is the first artifact");
        self.blobs().put_upload(&BlobName::stored(upload.blob.clone()), &publication.upload).await?;
        for (artifact, (_, bytes)) in companions.iter().zip(&publication.companions) {
            self.blobs().put(&BlobName::stored(artifact.blob.clone()), bytes.clone()).await?;
        }
        Ok(())
    }

    /// Two requests may record the same at once: the database lets one win, and the other looks again at what is there now.
    async fn record_until_settled(
        &self,
        caller: &Caller,
        publication: &Publication,
        artifacts: &[Artifact],
        received_at: Timestamp,
    ) -> Result<Published> {
        for _ in 0..3 {
            match self.record(caller, publication, artifacts, received_at).await {
                Err(Error::Conflict(Conflict::Raced)) => {}
                settled => return settled,
            }
        }
        Err(Conflict::Raced.into())
    }

    /// The one transaction: the checks once more, the rows, the index, the audit event.
    async fn record(
        &self,
        caller: &Caller,
        publication: &Publication,
        artifacts: &[Artifact],
        received_at: Timestamp,
    ) -> Result<Published> {
        let mut opening = self.opening(caller).await?;
        // A package that is only about to be there has no row to lock.
        let package = opening.name(&publication.name).await?;
        let (mut change, caller) = opening.admit_caller().await?;
        let now = change.now();
        let ControlFlow::Continue(claim) =
            self.assess(&mut change, &caller, publication, package, received_at).await?
        else {
            return Ok(Published::Before);
        };
        let account = caller.account().id;
        let (package, ousted) = self.claim_package(&mut change, account, &publication.name, claim).await?;
        let release = insert_release(&mut change, &caller, publication, package, artifacts, now).await?;
        if let Some(key) = caller.key() {
            change.keys().note_push(key.id, now).await?;
        }
        change.packages().touch(package, now).await?;
        let event = AuditEvent {
            action: "release.published",
            package: Some(package),
            release: Some(release),
            details: json!({ "version": publication.number, "platform": publication.platform, "ousted": ousted.len() }),
            ..AuditEvent::default()
        };
        change.record(event).await?;
        let version = full_number(&publication.number, &publication.platform);
        self.announce_package(&mut change, package, PackageChange::Published { version }).await?;
        let changes = self.let_go(&mut change, package, ousted).await?;
        let line = IndexChange::Published { number: &publication.number, platform: &publication.platform };
        self.index(&mut change, package, &publication.name, &line).await?;
        change.commit().await?;
        for (account, epoch) in changes {
            self.enforce(account, epoch).await?;
        }
        Ok(Published::Now)
    }

    /// Deletes blobs that belong to no release. What cannot be deleted now is found by the sweep.
    async fn discard(&self, artifacts: &[Artifact]) {
        for artifact in artifacts {
            if let Err(error) = self.drop_pending(&artifact.blob).await {
                tracing::warn!(%error, blob = artifact.blob, "a blob without a release is left for the sweep");
            }
        }
    }
}

/// A version that is there already: the same bytes by the same account are no error.
async fn repeated(
    db: &mut Db,
    caller: &Caller,
    publication: &Publication,
    twin: &Release,
    received_at: Timestamp,
) -> Result<()> {
    if twin.withdrawn_at.is_some() {
        let owner = db.ownerships().find(twin.package, twin.published_by).await?;
        return Err(Conflict::Withdrawn { by_previous_owner: owner.is_none() }.into());
    }
    let same_bytes =
        db.releases().artifacts(twin.id).await?.iter().any(|a| &a.sha256 == publication.upload.sha256());
    // Of several pushes under way at once exactly one succeeds.
    let simultaneous = twin.published_at > received_at;
    if same_bytes && twin.published_by == caller.account().id && !simultaneous {
        return Ok(());
    }
    Err(Conflict::Published.into())
}

async fn not_owner(db: &mut Db, caller: &Caller, package: &Package) -> Result<Error> {
    let invited = db.ownerships().find(package.id, caller.account().id).await?;
    Ok(match invited {
        Some(_) => Error::InvitationPending { email: caller.account().email.clone().unwrap_or_default() },
        None => Error::Denied(domain::Reason::NotOwner),
    })
}

async fn insert_release(
    db: &mut Db,
    caller: &Caller,
    publication: &Publication,
    package: PackageId,
    artifacts: &[Artifact],
    now: Timestamp,
) -> Result<ReleaseId> {
    let id = ReleaseId::new(now);
    let release = NewRelease {
        id,
        package,
        number: &publication.number,
        canonical: &publication.canonical,
        platform: &publication.platform,
        resolved_platform: &publication.resolved_platform,
        prerelease: publication.prerelease,
        facts: &publication.facts,
        index_text: &publication.index_text,
        published_by: caller.account().id,
        published_with: caller.key().map(|key| key.id),
        published_at: now,
    };
    db.releases().add(&release).await?;
    for full_name in &publication.full_names {
        db.gems().claim_full_name(full_name, id).await?;
    }
    for artifact in artifacts {
        db.releases().add_artifact(id, artifact).await?;
        if !db.pending_blobs().remove(&artifact.blob).await? {
            return Err(Error::internal("the upload took so long that its bytes were swept away"));
        }
    }
    Ok(id)
}
