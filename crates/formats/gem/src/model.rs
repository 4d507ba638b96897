//! Rules on a gemspec alone.
use crate::Specification;

/// What a registry finds wrong with a gemspec.
pub fn check_model(_spec: &Specification) -> Vec<String> {
    Vec::new()
}
