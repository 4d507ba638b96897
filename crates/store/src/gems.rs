use domain::{Ecosystem, PackageId, ReleaseId, Timestamp};
use futures_util::TryStreamExt as _;

use crate::{
    Artifact, Db, Package, Result,
    packages::package,
    releases::artifact,
    sql::{Row, sql},
};

/// A live gem release as `/info` lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedRelease {
    /// Its id.
    pub id: ReleaseId,
    /// Its package.
    pub package: PackageId,
    /// The gem's name.
    pub name: String,
    /// The version as written.
    pub number: String,
    /// The platform as written.
    pub platform: String,
    /// A prerelease?
    pub prerelease: bool,
    /// What `/info` says after the version.
    pub index_text: String,
    /// When it was published.
    pub published_at: Timestamp,
}

/// A live gem release as lists of all gems name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GemVersion {
    /// The gem's name.
    pub name: String,
    /// The version as written.
    pub number: String,
    /// The platform as written.
    pub platform: String,
    /// A prerelease?
    pub prerelease: bool,
}

/// What only gems have: releases by file name, and the rows of the indexes.
#[derive(Debug)]
pub struct Gems<'db> {
    pub(crate) db: &'db mut Db,
}

macro_rules! versions {
    ($rest:literal) => {
        concat!(
            "SELECT p.name, r.number, r.platform, r.prerelease \
             FROM releases r JOIN packages p ON p.id = r.package_id WHERE r.withdrawn_at IS NULL AND ",
            $rest
        )
    };
}

impl Gems<'_> {
    /// Takes a file name (without `.gem`) for a release. [`crate::Error::Taken`] when any gem has it, ignoring letter case.
    pub async fn claim_full_name(&mut self, full_name: &str, release: ReleaseId) -> Result<()> {
        sql!("INSERT INTO gem_full_names (full_name_key, release_id) VALUES ($1, $2)")
            .bind(full_name.to_ascii_lowercase())
            .bind(release)
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// The live release with this file name, letter for letter, and one of its files.
    pub async fn find_artifact(
        &mut self,
        full_name: &str,
        kind: &str,
    ) -> Result<Option<(ReleaseId, Timestamp, Artifact)>> {
        let row = sql!(
            "SELECT r.id, p.name, r.number, r.platform, r.published_at, a.kind, a.blob, a.sha256, a.size \
             FROM gem_full_names f JOIN releases r ON r.id = f.release_id JOIN packages p ON p.id = r.package_id \
             JOIN artifacts a ON a.release_id = r.id \
             WHERE f.full_name_key = $1 AND a.kind = $2 AND r.withdrawn_at IS NULL"
        )
        .bind(full_name.to_ascii_lowercase())
        .bind(kind)
        .optional(self.db.on())
        .await?;
        let Some(row) = row else { return Ok(None) };
        // The claimed names are folded and hold the normal form of the platform too: only the written name is a file.
        if written_full_name(&row)? != full_name {
            return Ok(None);
        }
        Ok(Some((row.id("id")?, row.time("published_at")?, artifact(&row)?)))
    }

    /// The package and version behind a file name.
    pub async fn find_package(&mut self, full_name: &str) -> Result<Option<(Package, ReleaseId)>> {
        let row = sql!(
            "SELECT p.id, p.ecosystem, p.name, p.created_at, p.revision, p.changed_at, p.reclaimable_at, r.id AS release_id \
             FROM gem_full_names f JOIN releases r ON r.id = f.release_id JOIN packages p ON p.id = r.package_id \
             WHERE f.full_name_key = $1"
        )
        .bind(full_name.to_ascii_lowercase())
        .optional(self.db.on())
        .await?;
        row.map(|row| Ok((package(&row)?, row.id("release_id")?))).transpose()
    }

    /// The live releases of one gem in the order of `/info`: by time, number, platform.
    pub async fn live_releases(&mut self, package: PackageId) -> Result<Vec<IndexedRelease>> {
        sql!(
            "SELECT r.id, r.package_id, p.name, r.number, r.platform, r.prerelease, f.index_text, r.published_at \
             FROM releases r JOIN packages p ON p.id = r.package_id JOIN release_facts f ON f.release_id = r.id \
             WHERE r.withdrawn_at IS NULL AND r.package_id = $1 ORDER BY r.published_at, r.number, r.platform"
        )
        .bind(package)
        .all(self.db.on())
        .await?
        .iter()
        .map(indexed_release)
        .collect()
    }

    /// The live versions of one gem.
    pub async fn live_versions(&mut self, package: PackageId) -> Result<Vec<GemVersion>> {
        let query = sql!(versions!("r.package_id = $1")).bind(package);
        query.all(self.db.on()).await?.iter().map(gem_version).collect()
    }

    /// Hands every live version of every gem to `visit`.
    pub async fn each_live_version(&mut self, mut visit: impl FnMut(GemVersion)) -> Result<()> {
        let mut rows =
            sql!(versions!("p.ecosystem = $1")).bind(Ecosystem::RubyGems.as_str()).stream(self.db.on());
        while let Some(row) = rows.try_next().await? {
            visit(gem_version(&row)?);
        }
        Ok(())
    }
}

fn written_full_name(row: &Row) -> Result<String> {
    let (name, number, platform): (String, String, String) =
        (row.get("name")?, row.get("number")?, row.get("platform")?);
    Ok(if platform == "ruby" { format!("{name}-{number}") } else { format!("{name}-{number}-{platform}") })
}

fn gem_version(row: &Row) -> Result<GemVersion> {
    Ok(GemVersion {
        name: row.get("name")?,
        number: row.get("number")?,
        platform: row.get("platform")?,
        prerelease: row.get("prerelease")?,
    })
}

fn indexed_release(row: &Row) -> Result<IndexedRelease> {
    Ok(IndexedRelease {
        id: row.id("id")?,
        package: row.id("package_id")?,
        name: row.get("name")?,
        number: row.get("number")?,
        platform: row.get("platform")?,
        prerelease: row.get("prerelease")?,
        index_text: row.get("index_text")?,
        published_at: row.time("published_at")?,
    })
}

/// Where the list behind `/versions` stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GemIndexState {
    /// Grows when the whole list is written anew.
    pub generation: i64,
    /// The form of the documents whose digests the lines carry.
    pub format: String,
    /// When this generation was written.
    pub created_at: Timestamp,
    /// Number of its last line.
    pub last_line: i64,
    /// When the last line was added.
    pub changed_at: Timestamp,
}

/// A line of the list behind `/versions`.
#[derive(Debug)]
pub struct IndexLine {
    /// Its number within the generation, from 1 without gaps.
    pub line: i64,
    /// The gem it speaks of.
    pub package: PackageId,
    /// The line without its end.
    pub text: String,
}

/// The append-only list behind `/versions`: a line for each push and yank, in the order of their commits.
#[derive(Debug)]
pub struct GemIndex<'db> {
    pub(crate) db: &'db mut Db,
}

impl GemIndex<'_> {
    /// Where the list stands.
    pub async fn state(&mut self) -> Result<GemIndexState> {
        let row =
            sql!("SELECT generation, format, created_at, last_line, changed_at FROM gem_index WHERE id = 1")
                .one(self.db.on())
                .await?;
        Ok(GemIndexState {
            generation: row.get("generation")?,
            format: row.get("format")?,
            created_at: row.time("created_at")?,
            last_line: row.get("last_line")?,
            changed_at: row.time("changed_at")?,
        })
    }

    /// Waits for its turn to add a line. SQLite's write transaction has it already.
    pub async fn lock(&mut self) -> Result<()> {
        sql!(
            sqlite: "SELECT generation FROM gem_index WHERE id = 1",
            postgres: "SELECT generation FROM gem_index WHERE id = 1 FOR UPDATE",
        )
        .one(self.db.on())
        .await
        .map(drop)
    }

    /// Adds a line. The row of the state stays locked until the commit, so lines are numbered in the order of the commits and
    /// nobody sees line 5 before line 4: make this the last thing a transaction does.
    pub async fn append(&mut self, package: PackageId, text: &str, now: Timestamp) -> Result<()> {
        let row = sql!(
            "UPDATE gem_index SET last_line = last_line + 1, changed_at = $1 WHERE id = 1 RETURNING generation, last_line"
        )
        .bind(now)
        .one(self.db.on())
        .await?;
        self.insert(row.get("generation")?, row.get("last_line")?, package, text).await
    }

    async fn insert(&mut self, generation: i64, line: i64, package: PackageId, text: &str) -> Result<()> {
        sql!("INSERT INTO gem_index_lines (generation, line, package_id, text) VALUES ($1, $2, $3, $4)")
            .bind(generation)
            .bind(line)
            .bind(package)
            .bind(text)
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// The lines after `line`, at most `limit`.
    pub async fn lines_after(&mut self, generation: i64, line: i64, limit: i64) -> Result<Vec<IndexLine>> {
        sql!("SELECT line, package_id, text FROM gem_index_lines WHERE generation = $1 AND line > $2 ORDER BY line LIMIT $3")
            .bind(generation)
            .bind(line)
            .bind(limit)
            .all(self.db.on())
            .await?
            .iter()
            .map(|row| Ok(IndexLine { line: row.get("line")?, package: row.id("package_id")?, text: row.get("text")? }))
            .collect()
    }

    /// Begins a new, empty generation and drops the lines of the old one. Pushes and yanks wait until the commit.
    pub async fn start_generation(&mut self, format: &str, now: Timestamp) -> Result<()> {
        let row = sql!(
            "UPDATE gem_index SET generation = generation + 1, format = $1, created_at = $2, changed_at = $2, last_line = 0 \
             WHERE id = 1 RETURNING generation"
        )
        .bind(format)
        .bind(now)
        .one(self.db.on())
        .await?;
        sql!("DELETE FROM gem_index_lines WHERE generation < $1")
            .bind(row.get::<i64>("generation")?)
            .execute(self.db.on())
            .await
            .map(drop)
    }
}
