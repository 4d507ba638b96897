//! What names and globs reach today, before a key is made.

use std::collections::{BTreeMap, HashSet};

use domain::{AccountId, Ecosystem, Glob, KeyProblems, NamePattern, PackageName};
use store::Db;

use crate::{Registry, Result, issue_key::patterns};

/// Packages that a preview reads at most, however many there are and however many globs are asked about.
const BUDGET: usize = 5000;
/// Packages that are read at once.
const BATCH: usize = 500;
/// Names and globs that a preview looks at; of more it says that it has not seen all.
const PATTERNS: usize = 100;
/// Matching packages that are given by name.
const NAMED: usize = 20;

/// The packages of today that names and globs match.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// The first of them by name, and whether they are the account's own.
    pub first: Vec<(PackageName, bool)>,
    /// How many there are, as far as was looked.
    pub count: usize,
    /// How many of these are the account's own.
    pub own: usize,
    /// Whether all packages were looked at that could match.
    pub complete: bool,
}

impl Registry {
    /// Tells which packages of today names and globs match. Costs little, whatever is asked and however many packages there are:
    /// a glob is looked for among the names that begin like it, and not among all of them when they are many.
    pub async fn preview_packages(
        &self,
        owner: AccountId,
        ecosystem: Ecosystem,
        names: &[String],
        globs: &[String],
    ) -> Result<Result<Preview, KeyProblems>> {
        let patterns = match patterns(ecosystem, names, globs) {
            Ok(patterns) => patterns,
            Err(problems) => return Ok(Err(problems)),
        };
        let mut db = self.store().read().await?;
        let mut search = Search { ecosystem, budget: BUDGET, found: BTreeMap::new() };
        let mut complete = patterns.len() <= PATTERNS;
        for pattern in patterns.iter().take(PATTERNS) {
            complete &= match pattern {
                NamePattern::Name(name) => search.name(&mut db, name).await?,
                NamePattern::Glob(glob) => search.glob(&mut db, glob).await?,
            };
        }
        let found: Vec<&str> = search.found.keys().map(String::as_str).collect();
        let own = db.packages().owned_among(owner, ecosystem, &found).await?;
        Ok(Ok(search.preview(&own, complete)))
    }
}

/// A look for packages that ends when its budget is used up.
struct Search {
    ecosystem: Ecosystem,
    /// Packages that may still be read.
    budget: usize,
    /// What was found, by folded name.
    found: BTreeMap<String, PackageName>,
}

impl Search {
    /// Looks for one name. Whether there was budget left for it.
    async fn name(&mut self, db: &mut Db, name: &PackageName) -> Result<bool> {
        if self.budget == 0 {
            return Ok(false);
        }
        self.budget -= 1;
        if !db.packages().live_among(self.ecosystem, &[name.key()]).await?.is_empty()
            && let Some(package) = db.packages().find(name).await?
        {
            self.add(package.name);
        }
        Ok(true)
    }

    /// Looks for all names that match. Whether the budget sufficed.
    async fn glob(&mut self, db: &mut Db, glob: &Glob) -> Result<bool> {
        let mut after = None;
        while self.budget > 0 {
            let limit = BATCH.min(self.budget);
            let page =
                db.packages().beginning_with(self.ecosystem, glob.prefix(), after.as_deref(), limit).await?;
            self.budget -= page.len();
            let is_last = page.len() < limit;
            after = page.last().map(|(name, _)| name.key().to_owned());
            let matching = page.into_iter().filter(|(name, live)| *live && glob.matches(name.key()));
            matching.for_each(|(name, _)| self.add(name));
            if is_last {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn add(&mut self, name: PackageName) {
        self.found.insert(name.key().to_owned(), name);
    }

    /// `own` are the folded names among those found that are the account's own.
    fn preview(self, own: &HashSet<String>, complete: bool) -> Preview {
        Preview {
            count: self.found.len(),
            own: own.len(),
            complete,
            first: self
                .found
                .into_iter()
                .take(NAMED)
                .map(|(key, name)| (name, own.contains(key.as_str())))
                .collect(),
        }
    }
}
