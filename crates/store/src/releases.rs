use std::collections::HashMap;

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

/// A record of a release: one version of a package. What was read from its bytes is [`Recorded`], which may be long.
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
    /// Downloads counted so far.
    pub downloads: i64,
    /// Who published it.
    pub published_by: AccountId,
    /// When.
    pub published_at: Timestamp,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
}

/// What was recorded of a release when it was published.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// What the protocol read from the bytes.
    pub facts: serde_json::Value,
    /// Its files.
    pub artifacts: Vec<Artifact>,
}

/// Where a page of a list begins that leads from the newest to the oldest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PageStart {
    /// With the newest.
    #[default]
    Newest,
    /// Behind this release.
    OlderThan(ReleaseId),
    /// So that it ends before this release.
    NewerThan(ReleaseId),
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

/// The columns that [`release`] reads, of the table `r`.
macro_rules! release_columns {
    () => {
        "r.id AS release_id, r.package_id, r.number, r.platform, r.prerelease, r.downloads, r.published_by, \
         r.published_at, r.withdrawn_at"
    };
}
pub(crate) use release_columns;

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT ", release_columns!(), " FROM releases r ", $rest)
    };
}

/// What the releases in the list of ids `$1` have in another table.
macro_rules! of_releases {
    ($select:literal) => {
        sql!(
            sqlite: concat!($select, " WHERE release_id IN (SELECT unhex(value, '-') FROM json_each($1))"),
            postgres: concat!(
                $select,
                " WHERE release_id IN (SELECT CAST(value AS UUID) FROM json_array_elements_text(CAST($1 AS JSON)))"
            ),
        )
    };
}

impl Releases<'_> {
    /// Adds a release. [`Error::Taken`] when the number exists for the platform, live or withdrawn.
    pub async fn add(&mut self, release: &NewRelease<'_>) -> Result<()> {
        sql!(
            "INSERT INTO releases (id, package_id, number, canonical, platform, resolved_platform, prerelease, \
             downloads, published_by, published_with, published_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10)"
        )
        .bind(release.id)
        .bind(release.package)
        .bind(release.number)
        .bind(release.canonical)
        .bind(release.platform)
        .bind(release.resolved_platform)
        .bind(release.prerelease)
        .bind(release.published_by)
        .bind(release.published_with)
        .bind(release.published_at)
        .execute(self.db.on())
        .await?;
        sql!("INSERT INTO release_facts (release_id, index_text, facts) VALUES ($1, $2, $3)")
            .bind(release.id)
            .bind(release.index_text)
            .bind(release.facts.to_string())
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

    /// All live releases of a package, oldest first.
    pub async fn live(&mut self, package: PackageId) -> Result<Vec<Release>> {
        sql!(select!(
            "WHERE r.package_id = $1 AND r.withdrawn_at IS NULL ORDER BY r.published_at, r.number, r.platform"
        ))
        .bind(package)
        .all(self.db.on())
        .await?
        .iter()
        .map(release)
        .collect()
    }

    /// Whether a package has a live release.
    pub async fn any_live(&mut self, package: PackageId) -> Result<bool> {
        let row =
            sql!("SELECT 1 AS one FROM releases WHERE package_id = $1 AND withdrawn_at IS NULL LIMIT 1")
                .bind(package)
                .optional(self.db.on())
                .await?;
        Ok(row.is_some())
    }

    /// Releases of a package, withdrawn ones included, newest first, at most `limit`. None when the page is to begin at a release
    /// that the package does not have.
    pub async fn page(&mut self, package: PackageId, start: PageStart, limit: i64) -> Result<Vec<Release>> {
        macro_rules! beside {
            ($sign:literal, $order:literal) => {
                concat!(
                    select!("WHERE r.package_id = $1 AND (r.published_at, r.id) "),
                    $sign,
                    " (SELECT x.published_at, x.id FROM releases x WHERE x.id = $3 AND x.package_id = $1) \
                     ORDER BY r.published_at ",
                    $order,
                    ", r.id ",
                    $order,
                    " LIMIT $2"
                )
            };
        }
        let statement = match start {
            PageStart::Newest => {
                sql!(select!("WHERE r.package_id = $1 ORDER BY r.published_at DESC, r.id DESC LIMIT $2"))
                    .bind(package)
                    .bind(limit)
            }
            PageStart::OlderThan(id) => sql!(beside!("<", "DESC")).bind(package).bind(limit).bind(id),
            PageStart::NewerThan(id) => sql!(beside!(">", "ASC")).bind(package).bind(limit).bind(id),
        };
        let rows = statement.all(self.db.on()).await?;
        let mut releases = rows.iter().map(release).collect::<Result<Vec<_>>>()?;
        if matches!(start, PageStart::NewerThan(_)) {
            releases.reverse();
        }
        Ok(releases)
    }

    /// The withdrawn release that stands for a package without live ones: the newest that is no prerelease, else the newest.
    pub async fn newest_withdrawn(&mut self, package: PackageId) -> Result<Option<Release>> {
        let row = sql!(select!(
            "WHERE r.package_id = $1 AND r.withdrawn_at IS NOT NULL \
             ORDER BY CASE WHEN r.prerelease THEN 1 ELSE 0 END, r.published_at DESC, r.id DESC LIMIT 1"
        ))
        .bind(package)
        .optional(self.db.on())
        .await?;
        row.as_ref().map(release).transpose()
    }

    /// What was recorded of these releases, which may be much: for a few at a time.
    pub async fn recorded(&mut self, releases: &[ReleaseId]) -> Result<HashMap<ReleaseId, Recorded>> {
        let ids = serde_json::json!(releases).to_string();
        let facts = of_releases!("SELECT release_id, facts FROM release_facts").bind(ids.clone());
        let mut recorded = HashMap::new();
        for row in facts.all(self.db.on()).await? {
            let facts = row.word("facts")?;
            recorded.insert(row.id("release_id")?, Recorded { facts, artifacts: Vec::new() });
        }
        let files = of_releases!("SELECT release_id, kind, blob, sha256, size FROM artifacts").bind(ids);
        for row in files.all(self.db.on()).await? {
            if let Some(recorded) = recorded.get_mut(&row.id("release_id")?) {
                recorded.artifacts.push(artifact(&row)?);
            }
        }
        Ok(recorded)
    }

    /// Downloads of all releases of a package, withdrawn ones included.
    pub async fn downloads(&mut self, package: PackageId) -> Result<i64> {
        sql!("SELECT CAST(COALESCE(SUM(downloads), 0) AS BIGINT) AS n FROM releases WHERE package_id = $1")
            .bind(package)
            .one(self.db.on())
            .await?
            .get("n")
    }

    /// The release with this id.
    pub async fn get(&mut self, id: ReleaseId) -> Result<Option<Release>> {
        let row = sql!(select!("WHERE r.id = $1")).bind(id).optional(self.db.on()).await?;
        row.as_ref().map(release).transpose()
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
        id: row.id("release_id")?,
        package: row.id("package_id")?,
        number: row.get("number")?,
        platform: row.get("platform")?,
        prerelease: row.get("prerelease")?,
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
