//! Tagged maps of known keys, and the values that gemspecs hold.

use std::collections::BTreeMap;

use crate::refusal::Refusal;
use crate::scalar::Scalar;
use crate::yaml::{Node, Value};

/// The keys of one object of a gemspec, each known and there once.
pub(super) struct Fields<'node> {
    object: &'static str,
    nodes: BTreeMap<String, &'node Node>,
}

impl<'node> Fields<'node> {
    /// Takes a map with one of these tags and none but these keys.
    pub(super) fn of(
        node: &'node Node,
        object: &'static str,
        tags: &[&str],
        keys: &[&str],
    ) -> Result<Self, Refusal> {
        let tag = node.tag.as_deref().unwrap_or_default();
        let (Value::Mapping(pairs), true) = (&node.value, tags.contains(&tag)) else {
            return Err(unexpected(node, &format!("expected a {object}")));
        };
        let mut nodes = BTreeMap::new();
        for (key, value) in pairs {
            let name = text(key, "a key")?;
            if !keys.contains(&name.as_str()) {
                return Err(unexpected(key, &format!("unexpected key {name:?} of {object}")));
            }
            if nodes.insert(name, value).is_some() {
                return Err(unexpected(key, &format!("duplicate key of {object}")));
            }
        }
        Ok(Self { object, nodes })
    }

    /// The value of a key, unless it is absent or null.
    pub(super) fn get(&self, key: &str) -> Option<&'node Node> {
        self.nodes.get(key).copied().filter(|node| Scalar::of(node) != Some(Scalar::Null))
    }

    /// The value of a key that must be there, null or not.
    pub(super) fn require(&self, key: &str) -> Result<&'node Node, Refusal> {
        let missing = || Refusal::Schema(format!("missing key {key:?} of {}", self.object));
        self.nodes.get(key).copied().ok_or_else(missing)
    }

    /// A scalar, whatever Ruby takes it for.
    pub(super) fn optional_text(&self, key: &str) -> Result<Option<String>, Refusal> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let scalar = Scalar::of(node).ok_or_else(|| unexpected(node, &format!("{key} must be a string")))?;
        Ok(scalar.into_text())
    }

    /// A list of texts, or the mixtures that gems of twenty years hold in its place: one text, a truth value, nothing.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<String>, Refusal> {
        let Some(node) = self.get(key) else { return Ok(Vec::new()) };
        let must_be_strings = || Refusal::Policy(format!("{key} must be an Array of String"));
        match &node.value {
            Value::Sequence(items) if is_untagged(node) => items
                .iter()
                .map(|item| Scalar::of(item).and_then(Scalar::into_text).ok_or_else(must_be_strings))
                .collect(),
            _ => match Scalar::of(node) {
                Some(Scalar::Text(text)) => Ok(vec![text]),
                Some(_) => Ok(Vec::new()),
                None => Err(unexpected(node, &format!("{key} must be a list of strings"))),
            },
        }
    }

    /// Refuses a value of a key that may only be null.
    pub(super) fn require_null(&self, key: &str) -> Result<(), Refusal> {
        match self.get(key) {
            Some(node) => Err(unexpected(node, &format!("{key} must be null"))),
            None => Ok(()),
        }
    }
}

/// A scalar that is a text for Ruby too.
pub(super) fn text(node: &Node, what: &str) -> Result<String, Refusal> {
    match Scalar::of(node) {
        Some(Scalar::Text(text)) => Ok(text),
        _ => Err(unexpected(node, &format!("{what} must be a string"))),
    }
}

/// The items of a plain list.
pub(super) fn items<'node>(node: &'node Node, what: &str) -> Result<&'node [Node], Refusal> {
    match &node.value {
        Value::Sequence(items) if is_untagged(node) => Ok(items),
        _ => Err(unexpected(node, &format!("{what} must be a list"))),
    }
}

/// The pairs of a plain map.
pub(super) fn pairs<'node>(node: &'node Node, what: &str) -> Result<&'node [(Node, Node)], Refusal> {
    match &node.value {
        Value::Mapping(pairs) if is_untagged(node) => Ok(pairs),
        _ => Err(unexpected(node, &format!("{what} must be a map"))),
    }
}

/// Every text in a list of lists, or the one text.
pub(super) fn flat_texts(node: &Node, what: &str) -> Result<Vec<String>, Refusal> {
    if matches!(node.value, Value::Sequence(_)) {
        let nested = items(node, what)?.iter().map(|item| flat_texts(item, what));
        return Ok(nested.collect::<Result<Vec<_>, _>>()?.concat());
    }
    let scalar = Scalar::of(node).ok_or_else(|| unexpected(node, &format!("{what} must be a string")))?;
    Ok(scalar.into_text().into_iter().collect())
}

/// A refusal that says where.
pub(super) fn unexpected(node: &Node, what: &str) -> Refusal {
    let tag = node.tag.as_ref().map(|tag| format!(", found {tag}")).unwrap_or_default();
    Refusal::Schema(format!("{what}{tag} (line {})", node.line))
}

fn is_untagged(node: &Node) -> bool {
    matches!(node.tag.as_deref(), None | Some("!"))
}
