use domain::{AccountId, KeyId, PackageId, ReleaseId, Timestamp};

use crate::{
    Db, Error, Result,
    sql::{Row, sql},
};

/// What is needed to record a release.
#[derive(Debug)]
pub struct NewRelease<'a> {
    /// Its id.
    pub id: ReleaseId,
    /// Its package.
    pub package: PackageId,
    /// The version as written.
    pub number: &'a str,
    /// The version in the form that is compared.
    pub canonical: &'a str,
    /// The platform as written; a fixed word where the ecosystem has none.
    pub platform: &'a str,
    /// The platform in its normal form.
    pub resolved_platform: &'a str,
    /// A prerelease?
    pub prerelease: bool,
    /// What the protocol read from the bytes.
    pub facts: &'a serde_json::Value,
    /// What the index says of it.
    pub index_text: &'a str,
    /// Who published it.
    pub published_by: AccountId,
    /// With which key.
    pub published_with: Option<KeyId>,
    /// When.
    pub published_at: Timestamp,
}

/// A record of a release: one version of a package.
#[derive(Debug, Clone)]
pub struct Release {
    /// Its id.
    pub id: ReleaseId,
    /// Its package.
    pub package: PackageId,
    /// The version as written.
    pub number: String,
    /// The platform as written.
    pub platform: String,
    /// A prerelease?
    pub prerelease: bool,
    /// What the protocol read from the bytes.
    pub facts: serde_json::Value,
    /// What the index says of it.
    pub index_text: String,
    /// Downloads counted so far.
    pub downloads: i64,
    /// Who published it.
    pub published_by: AccountId,
    /// When.
    pub published_at: Timestamp,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
}

/// A file of a release.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// Which file: the protocol's own word.
    pub kind: String,
    /// Its name in the blob store.
    pub blob: String,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Its size in bytes.
    pub size: u64,
}

/// The releases and their artifacts.
#[derive(Debug)]
pub struct Releases<'db> {
    pub(crate) db: &'db mut Db,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.package_id, r.number, r.platform, r.prerelease, r.facts, r.index_text, r.downloads, \
             r.published_by, r.published_at, r.withdrawn_at FROM releases r ",
            $rest
        )
    };
}

impl Releases<'_> {
    /// Adds a release. [`Error::Taken`] when the number exists for the platform, live or withdrawn.
    pub async fn add(&mut self, release: &NewRelease<'_>) -> Result<()> {
        sql!(
            "INSERT INTO releases (id, package_id, number, canonical, platform, resolved_platform, prerelease, facts, \
             index_text, downloads, published_by, published_with, published_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12)"
        )
        .bind(release.id)
        .bind(release.package)
        .bind(release.number)
        .bind(release.canonical)
        .bind(release.platform)
        .bind(release.resolved_platform)
        .bind(release.prerelease)
        .bind(release.facts.to_string())
        .bind(release.index_text)
        .bind(release.published_by)
        .bind(release.published_with)
        .bind(release.published_at)
        .execute(self.db.on())
        .await
        .map(drop)
    }

    /// The release with this version, in the form that is compared, for this platform as written or in its normal form.
    pub async fn find(
        &mut self,
        package: PackageId,
        canonical: &str,
        platform: &str,
        resolved_platform: &str,
    ) -> Result<Option<Release>> {
        let row = sql!(select!(
            "WHERE r.package_id = $1 AND r.canonical = $2 AND (r.platform = $3 OR r.resolved_platform = $4) \
             ORDER BY CASE WHEN r.platform = $3 THEN 0 ELSE 1 END LIMIT 1"
        ))
        .bind(package)
        .bind(canonical)
        .bind(platform)
        .bind(resolved_platform)
        .optional(self.db.on())
        .await?;
        row.as_ref().map(release).transpose()
    }

    /// The release with this version and platform, both as written.
    pub async fn find_written(
        &mut self,
        package: PackageId,
        number: &str,
        platform: &str,
    ) -> Result<Option<Release>> {
        let row = sql!(select!("WHERE r.package_id = $1 AND r.number = $2 AND r.platform = $3"))
            .bind(package)
            .bind(number)
            .bind(platform)
            .optional(self.db.on())
            .await?;
        row.as_ref().map(release).transpose()
    }

    /// All releases of a package, withdrawn ones included, oldest first.
    pub async fn of_package(&mut self, package: PackageId) -> Result<Vec<Release>> {
        sql!(select!("WHERE r.package_id = $1 ORDER BY r.published_at, r.number, r.platform"))
            .bind(package)
            .all(self.db.on())
            .await?
            .iter()
            .map(release)
            .collect()
    }

    /// Withdraws a release: its number stays taken. Returns whether it was live.
    pub async fn withdraw(&mut self, id: ReleaseId, now: Timestamp) -> Result<bool> {
        let rows = sql!("UPDATE releases SET withdrawn_at = $2 WHERE id = $1 AND withdrawn_at IS NULL")
            .bind(id)
            .bind(now)
            .execute(self.db.on())
            .await?;
        Ok(rows > 0)
    }

    /// Puts a withdrawn release back. Returns whether it was withdrawn.
    pub async fn restore(&mut self, id: ReleaseId) -> Result<bool> {
        let rows = sql!("UPDATE releases SET withdrawn_at = NULL WHERE id = $1 AND withdrawn_at IS NOT NULL")
            .bind(id)
            .execute(self.db.on())
            .await?;
        Ok(rows > 0)
    }

    /// Adds a file of a release.
    pub async fn add_artifact(&mut self, release: ReleaseId, artifact: &Artifact) -> Result<()> {
        sql!("INSERT INTO artifacts (release_id, kind, blob, sha256, size) VALUES ($1, $2, $3, $4, $5)")
            .bind(release)
            .bind(artifact.kind.as_str())
            .bind(artifact.blob.as_str())
            .bind(artifact.sha256.as_slice())
            .bind(i64::try_from(artifact.size).map_err(|_| Error::Corrupt { column: "size" })?)
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// The files of a release.
    pub async fn artifacts(&mut self, release: ReleaseId) -> Result<Vec<Artifact>> {
        sql!("SELECT kind, blob, sha256, size FROM artifacts WHERE release_id = $1 ORDER BY kind")
            .bind(release)
            .all(self.db.on())
            .await?
            .iter()
            .map(artifact)
            .collect()
    }

    /// The files of all live releases of a package.
    pub async fn artifacts_of_package(&mut self, package: PackageId) -> Result<Vec<(ReleaseId, Artifact)>> {
        sql!(
            "SELECT a.release_id, a.kind, a.blob, a.sha256, a.size FROM artifacts a \
             JOIN releases r ON r.id = a.release_id WHERE r.package_id = $1"
        )
        .bind(package)
        .all(self.db.on())
        .await?
        .iter()
        .map(|row| Ok((row.id("release_id")?, artifact(row)?)))
        .collect()
    }

    /// Artifacts after the blob name `after`, in the order of blob names, at most `limit`: for checking all of them.
    pub async fn artifacts_page(&mut self, after: &str, limit: i64) -> Result<Vec<Artifact>> {
        sql!("SELECT kind, blob, sha256, size FROM artifacts WHERE blob > $1 ORDER BY blob LIMIT $2")
            .bind(after)
            .bind(limit)
            .all(self.db.on())
            .await?
            .iter()
            .map(artifact)
            .collect()
    }

    /// Adds to the number of downloads.
    pub async fn count_downloads(&mut self, id: ReleaseId, more: i64) -> Result<()> {
        sql!("UPDATE releases SET downloads = downloads + $2 WHERE id = $1")
            .bind(id)
            .bind(more)
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Downloads of everything in one ecosystem.
    pub async fn total_downloads(&mut self, ecosystem: domain::Ecosystem) -> Result<i64> {
        sql!(
            "SELECT CAST(COALESCE(SUM(r.downloads), 0) AS BIGINT) AS n FROM releases r \
             JOIN packages p ON p.id = r.package_id WHERE p.ecosystem = $1"
        )
        .bind(ecosystem.as_str())
        .one(self.db.on())
        .await?
        .get("n")
    }
}

pub(crate) fn release(row: &Row) -> Result<Release> {
    Ok(Release {
        id: row.id("id")?,
        package: row.id("package_id")?,
        number: row.get("number")?,
        platform: row.get("platform")?,
        prerelease: row.get("prerelease")?,
        facts: row.word("facts")?,
        index_text: row.get("index_text")?,
        downloads: row.get("downloads")?,
        published_by: row.id("published_by")?,
        published_at: row.time("published_at")?,
        withdrawn_at: row.optional_time("withdrawn_at")?,
    })
}

pub(crate) fn artifact(row: &Row) -> Result<Artifact> {
    let sha256: Vec<u8> = row.get("sha256")?;
    Ok(Artifact {
        kind: row.get("kind")?,
        blob: row.get("blob")?,
        sha256: sha256.try_into().map_err(|_| Error::Corrupt { column: "sha256" })?,
        size: u64::try_from(row.get::<i64>("size")?).map_err(|_| Error::Corrupt { column: "size" })?,
    })
}
