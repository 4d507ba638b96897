use std::collections::HashSet;

use domain::{AccountId, Ecosystem, PackageId, PackageName, ReleaseId, Role, Timestamp};

use crate::{
    Db, Release, Result,
    releases::{release, release_columns},
    sql::{Row, sql},
};

/// A record of a package: a name with owners.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its id.
    pub id: PackageId,
    /// Its name, in the letter case of the first publication.
    pub name: PackageName,
    /// When the name was first published.
    pub created_at: Timestamp,
    /// Grows with each release that appears or goes.
    pub revision: i64,
    /// When a release last appeared or went.
    pub changed_at: Timestamp,
    /// From when on somebody else may publish under the name, while the package has no live release.
    pub reclaimable_at: Option<Timestamp>,
}

/// A package as lists show it: with the release that stands for it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The package.
    pub package: Package,
    /// The release that stands for it: a live one.
    pub latest: Release,
    /// Downloads of all releases, withdrawn ones included.
    pub downloads: i64,
}

/// A package and what there is of it, for one of its owners.
#[derive(Debug, Clone)]
pub struct PackageSummary {
    /// The package.
    pub package: Package,
    /// The role of the owner.
    pub role: Role,
    /// How many live releases there are.
    pub live: i64,
    /// How many releases were withdrawn.
    pub withdrawn: i64,
    /// Downloads of all of them.
    pub downloads: i64,
}

/// The packages.
#[derive(Debug)]
pub struct Packages<'db> {
    pub(crate) db: &'db mut Db,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, p.ecosystem, p.name, p.created_at, p.revision, p.changed_at, \
             p.reclaimable_at FROM packages p ",
            $rest
        )
    };
}

macro_rules! listed {
    ($join:literal, $rest:expr) => {
        concat!(
            "SELECT p.id, p.ecosystem, p.name, p.created_at, p.revision, p.changed_at, p.reclaimable_at, ",
            release_columns!(),
            ", (SELECT CAST(COALESCE(SUM(x.downloads), 0) AS BIGINT) FROM releases x WHERE x.package_id = p.id) AS total \
             FROM packages p JOIN releases r ON r.id = p.latest_release_id ",
            $join,
            "WHERE p.ecosystem = $1 AND ",
            $rest
        )
    };
}

impl Packages<'_> {
    /// The package with this name, ignoring letter case.
    pub async fn find(&mut self, name: &PackageName) -> Result<Option<Package>> {
        let row = sql!(select!("WHERE p.ecosystem = $1 AND p.name_key = $2"))
            .bind(name.ecosystem().as_str())
            .bind(name.key())
            .optional(self.db.on())
            .await?;
        row.as_ref().map(package).transpose()
    }

    /// The same, and no other transaction changes the package, its releases or its owners before this one ends.
    pub async fn find_locked(&mut self, name: &PackageName) -> Result<Option<Package>> {
        let row = sql!(
            sqlite: select!("WHERE p.ecosystem = $1 AND p.name_key = $2"),
            postgres: select!("WHERE p.ecosystem = $1 AND p.name_key = $2 FOR UPDATE"),
        )
        .bind(name.ecosystem().as_str())
        .bind(name.key())
        .optional(self.db.on())
        .await?;
        row.as_ref().map(package).transpose()
    }

    /// Waits until no other transaction publishes under this name, be the package there or not. Whoever comes later waits for
    /// this one to end. SQLite's write transaction keeps all others out already.
    pub async fn lock_name(&mut self, name: &PackageName) -> Result<()> {
        sql!(
            sqlite: "SELECT $1, $2",
            postgres: "SELECT pg_advisory_xact_lock(hashtextextended(CAST($1 AS TEXT) || '/' || CAST($2 AS TEXT), 0))",
        )
        .bind(name.ecosystem().as_str())
        .bind(name.key())
        .execute(self.db.on())
        .await
        .map(drop)
    }

    /// The package with this id. It stays as it is until this transaction ends.
    pub async fn get_locked(&mut self, id: PackageId) -> Result<Option<Package>> {
        let query = sql!(sqlite: select!("WHERE p.id = $1"), postgres: select!("WHERE p.id = $1 FOR UPDATE"));
        query.bind(id).optional(self.db.on()).await?.as_ref().map(package).transpose()
    }

    /// The package with this id.
    pub async fn get(&mut self, id: PackageId) -> Result<Option<Package>> {
        let row = sql!(select!("WHERE p.id = $1")).bind(id).optional(self.db.on()).await?;
        row.as_ref().map(package).transpose()
    }

    /// Adds a package. [`crate::Error::Taken`] when the name exists.
    pub async fn add(&mut self, id: PackageId, name: &PackageName, now: Timestamp) -> Result<()> {
        sql!(
            "INSERT INTO packages (id, ecosystem, name, name_key, similar_key, created_at, revision, changed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 0, $6)"
        )
        .bind(id)
        .bind(name.ecosystem().as_str())
        .bind(name.as_str())
        .bind(name.key())
        .bind(similar_key(name))
        .bind(now)
        .execute(self.db.on())
        .await
        .map(drop)
    }

    /// Notes that a release appeared or went.
    pub async fn touch(&mut self, id: PackageId, now: Timestamp) -> Result<()> {
        sql!("UPDATE packages SET revision = revision + 1, changed_at = $2 WHERE id = $1")
            .bind(id)
            .bind(now)
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Says from when on somebody else may publish under the name; `None` when nobody may.
    pub async fn set_reclaimable(&mut self, id: PackageId, from: Option<Timestamp>) -> Result<()> {
        sql!("UPDATE packages SET reclaimable_at = $2 WHERE id = $1")
            .bind(id)
            .bind(from)
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Says which live release stands for the package in lists; none if it has none.
    pub async fn set_latest(&mut self, id: PackageId, latest: Option<ReleaseId>) -> Result<()> {
        sql!("UPDATE packages SET latest_release_id = $2 WHERE id = $1")
            .bind(id)
            .bind(latest)
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Gives the package the letter case of `name`.
    pub async fn rename(&mut self, id: PackageId, name: &PackageName) -> Result<()> {
        sql!("UPDATE packages SET name = $2 WHERE id = $1")
            .bind(id)
            .bind(name.as_str())
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Another package with live releases whose name differs from `name` in separators only.
    pub async fn find_similar(&mut self, name: &PackageName) -> Result<Option<Package>> {
        let row = sql!(select!(
            "WHERE p.ecosystem = $1 AND p.similar_key = $2 AND p.name_key <> $3 \
             AND EXISTS (SELECT 1 FROM releases r WHERE r.package_id = p.id AND r.withdrawn_at IS NULL) LIMIT 1"
        ))
        .bind(name.ecosystem().as_str())
        .bind(similar_key(name))
        .bind(name.key())
        .optional(self.db.on())
        .await?;
        row.as_ref().map(package).transpose()
    }

    /// The package with this name as lists show it, if it has a live release.
    pub async fn find_listed(&mut self, name: &PackageName) -> Result<Option<Listed>> {
        let row = sql!(listed!("", "p.name_key = $2"))
            .bind(name.ecosystem().as_str())
            .bind(name.key())
            .optional(self.db.on())
            .await?;
        row.as_ref().map(listed).transpose()
    }

    /// Packages of an account that have a live release, in the order of their folded names: those after `after`, at most `limit`.
    pub async fn owned_by(
        &mut self,
        owner: AccountId,
        ecosystem: Ecosystem,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Listed>> {
        sql!(listed!(
            "JOIN ownerships o ON o.package_id = p.id ",
            "o.account_id = $2 AND o.confirmed_at IS NOT NULL AND p.name_key > $3 ORDER BY p.name_key LIMIT $4"
        ))
        .bind(ecosystem.as_str())
        .bind(owner)
        .bind(after.unwrap_or_default())
        .bind(limit)
        .all(self.db.on())
        .await?
        .iter()
        .map(listed)
        .collect()
    }

    /// Names of packages of an account that have a live release, by name, at most `limit`.
    pub async fn names_owned_by(
        &mut self,
        owner: AccountId,
        ecosystem: Ecosystem,
        limit: i64,
    ) -> Result<Vec<String>> {
        sql!(
            "SELECT p.name FROM packages p JOIN ownerships o ON o.package_id = p.id \
             WHERE o.account_id = $1 AND o.confirmed_at IS NOT NULL AND p.ecosystem = $2 \
             AND EXISTS (SELECT 1 FROM releases r WHERE r.package_id = p.id AND r.withdrawn_at IS NULL) \
             ORDER BY p.name_key LIMIT $3"
        )
        .bind(owner)
        .bind(ecosystem.as_str())
        .bind(limit)
        .all(self.db.on())
        .await?
        .iter()
        .map(|row| row.get("name"))
        .collect()
    }

    /// Packages that an account owns, with what there is of each, by ecosystem and name: those after `after`, at most `limit`.
    pub async fn summaries(
        &mut self,
        owner: AccountId,
        after: Option<&PackageName>,
        limit: i64,
    ) -> Result<Vec<PackageSummary>> {
        sql!(
            "SELECT p.id, p.ecosystem, p.name, p.created_at, p.revision, p.changed_at, p.reclaimable_at, o.role, \
             COUNT(r.id) - COUNT(r.withdrawn_at) AS live, COUNT(r.withdrawn_at) AS withdrawn, \
             CAST(COALESCE(SUM(r.downloads), 0) AS BIGINT) AS downloads \
             FROM ownerships o JOIN packages p ON p.id = o.package_id LEFT JOIN releases r ON r.package_id = p.id \
             WHERE o.account_id = $1 AND o.confirmed_at IS NOT NULL AND (p.ecosystem, p.name_key) > ($2, $3) \
             GROUP BY p.id, p.ecosystem, p.name, p.name_key, p.created_at, p.revision, p.changed_at, p.reclaimable_at, o.role \
             ORDER BY p.ecosystem, p.name_key LIMIT $4"
        )
        .bind(owner)
        .bind(after.map_or("", |name| name.ecosystem().as_str()))
        .bind(after.map_or("", PackageName::key))
        .bind(limit)
        .all(self.db.on())
        .await?
        .iter()
        .map(summary)
        .collect()
    }

    /// Those of these folded names that a package with a live release has.
    pub async fn live_among(&mut self, ecosystem: Ecosystem, keys: &[&str]) -> Result<HashSet<String>> {
        macro_rules! among {
            ($keys:literal) => {
                concat!(
                    "SELECT p.name_key FROM packages p WHERE p.ecosystem = $1 AND p.name_key IN ",
                    $keys,
                    " AND EXISTS (SELECT 1 FROM releases r WHERE r.package_id = p.id AND r.withdrawn_at IS NULL)"
                )
            };
        }
        sql!(
            sqlite: among!("(SELECT value FROM json_each($2))"),
            postgres: among!("(SELECT value FROM json_array_elements_text(CAST($2 AS JSON)))"),
        )
        .bind(ecosystem.as_str())
        .bind(serde_json::json!(keys).to_string())
        .all(self.db.on())
        .await?
        .iter()
        .map(|row| row.get("name_key"))
        .collect()
    }

    /// Those of these folded names that a package of the account with a live release has.
    pub async fn owned_among(
        &mut self,
        owner: AccountId,
        ecosystem: Ecosystem,
        keys: &[&str],
    ) -> Result<HashSet<String>> {
        macro_rules! among {
            ($keys:literal) => {
                concat!(
                    "SELECT p.name_key FROM packages p JOIN ownerships o ON o.package_id = p.id \
                     WHERE o.account_id = $1 AND o.confirmed_at IS NOT NULL AND p.ecosystem = $2 AND p.name_key IN ",
                    $keys,
                    " AND EXISTS (SELECT 1 FROM releases r WHERE r.package_id = p.id AND r.withdrawn_at IS NULL)"
                )
            };
        }
        sql!(
            sqlite: among!("(SELECT value FROM json_each($3))"),
            postgres: among!("(SELECT value FROM json_array_elements_text(CAST($3 AS JSON)))"),
        )
        .bind(owner)
        .bind(ecosystem.as_str())
        .bind(serde_json::json!(keys).to_string())
        .all(self.db.on())
        .await?
        .iter()
        .map(|row| row.get("name_key"))
        .collect()
    }

    /// Packages with live releases whose name contains `text`: the exact name first, then those that begin with it, then the
    /// shortest. `limit` of them after `skip`.
    pub async fn search(
        &mut self,
        ecosystem: Ecosystem,
        text: &str,
        skip: i64,
        limit: i64,
    ) -> Result<Vec<Listed>> {
        macro_rules! search {
            ($position:literal) => {
                listed!(
                    "",
                    concat!(
                        $position,
                        " > 0 ORDER BY CASE WHEN p.name_key = $2 THEN 0 WHEN ",
                        $position,
                        " = 1 THEN 1 ELSE 2 END, LENGTH(p.name_key), p.name_key LIMIT $3 OFFSET $4"
                    )
                )
            };
        }
        sql!(sqlite: search!("INSTR(p.name_key, $2)"), postgres: search!("STRPOS(p.name_key, $2)"))
            .bind(ecosystem.as_str())
            .bind(text.to_ascii_lowercase())
            .bind(limit)
            .bind(skip)
            .all(self.db.on())
            .await?
            .iter()
            .map(listed)
            .collect()
    }

    /// Names of packages that begin with `prefix` (folded), in the order of their folded names: those after `after`, at most
    /// `limit`, and whether each has a live release. Reads no other names.
    pub async fn beginning_with(
        &mut self,
        ecosystem: Ecosystem,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(PackageName, bool)>> {
        sql!(
            "SELECT p.ecosystem, p.name, (SELECT COUNT(*) FROM releases r WHERE r.package_id = p.id \
             AND r.withdrawn_at IS NULL) AS live FROM packages p WHERE p.ecosystem = $1 AND p.name_key >= $2 AND p.name_key < $3 \
             AND p.name_key > $4 ORDER BY p.name_key LIMIT $5"
        )
        .bind(ecosystem.as_str())
        .bind(prefix)
        // Names are ASCII letters, digits and signs, all of them below this one.
        .bind(format!("{prefix}\u{7f}"))
        .bind(after.unwrap_or_default())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .all(self.db.on())
        .await?
        .iter()
        .map(|row| {
            let name = PackageName::stored(row.word("ecosystem")?, row.get("name")?);
            Ok((name, row.get::<i64>("live")? > 0))
        })
        .collect()
    }

    /// All packages after `after` in the order of their ids, at most `limit`.
    pub async fn page(
        &mut self,
        ecosystem: Ecosystem,
        after: Option<PackageId>,
        limit: i64,
    ) -> Result<Vec<Package>> {
        sql!(select!(
            "WHERE p.ecosystem = $1 AND (CAST($2 AS UUID) IS NULL OR p.id > $2) ORDER BY p.id LIMIT $3"
        ))
        .bind(ecosystem.as_str())
        .bind(after)
        .bind(limit)
        .all(self.db.on())
        .await?
        .iter()
        .map(package)
        .collect()
    }
}

/// A name without its separators: `foo_bar`, `foo-bar` and `foobar` are too similar to live side by side.
fn similar_key(name: &PackageName) -> String {
    name.key().chars().filter(|letter| !matches!(letter, '-' | '_')).collect()
}

fn listed(row: &Row) -> Result<Listed> {
    Ok(Listed { package: package(row)?, latest: release(row)?, downloads: row.get("total")? })
}

fn summary(row: &Row) -> Result<PackageSummary> {
    Ok(PackageSummary {
        package: package(row)?,
        role: row.word("role")?,
        live: row.get("live")?,
        withdrawn: row.get("withdrawn")?,
        downloads: row.get("downloads")?,
    })
}

pub(crate) fn package(row: &Row) -> Result<Package> {
    Ok(Package {
        id: row.id("id")?,
        name: PackageName::stored(row.word("ecosystem")?, row.get("name")?),
        created_at: row.time("created_at")?,
        revision: row.get("revision")?,
        changed_at: row.time("changed_at")?,
        reclaimable_at: row.optional_time("reclaimable_at")?,
    })
}
