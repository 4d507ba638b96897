//! What a key may do.

use crate::{Action, Selector};

/// One action on the packages of one selector.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Grant {
    /// What may be done.
    pub action: Action,
    /// On which packages.
    pub selector: Selector,
}

/// A set of grants, in the order in which they were added. The empty set permits nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    grants: Vec<Grant>,
}

impl Scope {
    /// Returns the scope that permits nothing.
    pub const fn empty() -> Self {
        Self { grants: Vec::new() }
    }

    /// Adds a grant, unless it is there already.
    pub fn insert(&mut self, grant: Grant) {
        if !self.grants.contains(&grant) {
            self.grants.push(grant);
        }
    }

    /// Returns the grants in the order of their numbers.
    pub fn iter(&self) -> std::slice::Iter<'_, Grant> {
        self.grants.iter()
    }

    /// Returns how many grants there are.
    pub fn len(&self) -> usize {
        self.grants.len()
    }

    /// Whether there is no grant.
    pub fn is_empty(&self) -> bool {
        self.grants.is_empty()
    }

    /// Returns the grant of that number, as a decision names it.
    pub fn get(&self, number: usize) -> Option<&Grant> {
        self.grants.get(number)
    }
}

impl<'a> IntoIterator for &'a Scope {
    type Item = &'a Grant;
    type IntoIter = std::slice::Iter<'a, Grant>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<Grant> for Scope {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        let mut scope = Self::empty();
        grants.into_iter().for_each(|grant| scope.insert(grant));
        scope
    }
}
