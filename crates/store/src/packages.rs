use domain::{AccountId, Ecosystem, PackageId, PackageName, Role, Timestamp};

use crate::{
    Db, Result,
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

    /// Packages of an account with at least one live release, by name.
    pub async fn owned_by(&mut self, owner: AccountId, ecosystem: Ecosystem) -> Result<Vec<Package>> {
        sql!(select!(
            "JOIN ownerships o ON o.package_id = p.id \
             WHERE o.account_id = $1 AND o.confirmed_at IS NOT NULL AND p.ecosystem = $2 \
             AND EXISTS (SELECT 1 FROM releases r WHERE r.package_id = p.id AND r.withdrawn_at IS NULL) \
             ORDER BY p.name_key"
        ))
        .bind(owner)
        .bind(ecosystem.as_str())
        .all(self.db.on())
        .await?
        .iter()
        .map(package)
        .collect()
    }

    /// All packages that an account owns, with what there is of each, by ecosystem and name.
    pub async fn summaries(&mut self, owner: AccountId) -> Result<Vec<PackageSummary>> {
        sql!(
            "SELECT p.id, p.ecosystem, p.name, p.created_at, p.revision, p.changed_at, p.reclaimable_at, o.role, \
             COUNT(r.id) - COUNT(r.withdrawn_at) AS live, COUNT(r.withdrawn_at) AS withdrawn, \
             CAST(COALESCE(SUM(r.downloads), 0) AS BIGINT) AS downloads \
             FROM ownerships o JOIN packages p ON p.id = o.package_id LEFT JOIN releases r ON r.package_id = p.id \
             WHERE o.account_id = $1 AND o.confirmed_at IS NOT NULL \
             GROUP BY p.id, p.ecosystem, p.name, p.name_key, p.created_at, p.revision, p.changed_at, p.reclaimable_at, o.role \
             ORDER BY p.ecosystem, p.name_key"
        )
        .bind(owner)
        .all(self.db.on())
        .await?
        .iter()
        .map(summary)
        .collect()
    }

    /// Whether there is a package with this name and a live release.
    pub async fn is_live(&mut self, name: &PackageName) -> Result<bool> {
        let row = sql!(
            "SELECT 1 AS one FROM packages p WHERE p.ecosystem = $1 AND p.name_key = $2 \
             AND EXISTS (SELECT 1 FROM releases r WHERE r.package_id = p.id AND r.withdrawn_at IS NULL)"
        )
        .bind(name.ecosystem().as_str())
        .bind(name.key())
        .optional(self.db.on())
        .await?;
        Ok(row.is_some())
    }

    /// Packages with live releases whose name contains `text`: the exact name first, then those that begin with it, then the
    /// shortest. `limit` of them after `skip`.
    pub async fn search(
        &mut self,
        ecosystem: Ecosystem,
        text: &str,
        skip: i64,
        limit: i64,
    ) -> Result<Vec<Package>> {
        macro_rules! search {
            ($position:literal) => {
                concat!(
                    select!("WHERE p.ecosystem = $1 AND "),
                    $position,
                    " > 0 AND EXISTS (SELECT 1 FROM releases r WHERE r.package_id = p.id AND r.withdrawn_at IS NULL) \
                     ORDER BY CASE WHEN p.name_key = $2 THEN 0 WHEN ",
                    $position,
                    " = 1 THEN 1 ELSE 2 END, LENGTH(p.name_key), p.name_key LIMIT $3 OFFSET $4"
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
            .map(package)
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

    /// Names of all packages with live releases, in byte order.
    pub async fn live_names(&mut self, ecosystem: Ecosystem) -> Result<Vec<String>> {
        sql!(
            "SELECT name FROM packages p WHERE ecosystem = $1 \
             AND EXISTS (SELECT 1 FROM releases r WHERE r.package_id = p.id AND r.withdrawn_at IS NULL)"
        )
        .bind(ecosystem.as_str())
        .all(self.db.on())
        .await?
        .iter()
        .map(|row| row.get("name"))
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
