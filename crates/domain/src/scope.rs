//! What a key may do.

use std::collections::HashSet;

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
        // Not by `insert`, whose search would make the time grow with the square of a long list.
        let mut seen = HashSet::new();
        let grants = grants.into_iter().filter(|grant| seen.insert(grant.clone())).collect();
        Self { grants }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ecosystem, Glob, PackageName};

    fn grant(action: Action, glob: &str) -> Grant {
        Grant { action, selector: Selector::Glob(Glob::parse(glob).unwrap()) }
    }

    #[test]
    fn a_scope_holds_each_grant_once_in_the_order_of_adding() {
        let grants =
            [grant(Action::Withdraw, "b*"), grant(Action::Withdraw, "a*"), grant(Action::Restore, "a*")];
        let mut one_by_one = Scope::empty();
        for grant in grants.iter().chain(&grants) {
            one_by_one.insert(grant.clone());
        }
        one_by_one.insert(grant(Action::Withdraw, "A*"));
        assert!(one_by_one.iter().eq(&grants));

        let collected: Scope = grants.iter().chain(&grants).cloned().collect();
        assert_eq!(collected, one_by_one);
    }

    #[test]
    fn grants_on_names_of_two_ecosystems_are_two() {
        let name = |ecosystem| Selector::Name(PackageName::stored(ecosystem, "a".to_owned()));
        let grants = [Ecosystem::NuGet, Ecosystem::PowerShell]
            .map(|ecosystem| Grant { action: Action::Withdraw, selector: name(ecosystem) });
        assert_eq!(grants.into_iter().collect::<Scope>().len(), 2);
    }
}
