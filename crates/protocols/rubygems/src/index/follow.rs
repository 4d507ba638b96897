use std::sync::{Arc, PoisonError, RwLock};

use registry::GemIndexState;

use super::Document;

/// How many changes something has seen. Later positions compare as greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    generation: i64,
    line: i64,
}

impl Position {
    pub(crate) fn of(state: &GemIndexState) -> Self {
        Self { generation: state.generation, line: state.last_line }
    }
}

/// The newest version of a document, for all requests that need nothing newer.
#[derive(Debug, Default)]
pub(crate) struct Newest {
    slot: RwLock<Option<(Position, Arc<Document>)>>,
}

impl Newest {
    /// The document, if it has seen all changes up to `position`.
    pub(crate) fn at_least(&self, position: Position) -> Option<Arc<Document>> {
        let slot = self.slot.read().unwrap_or_else(PoisonError::into_inner);
        slot.as_ref().filter(|(seen, _)| *seen >= position).map(|(_, document)| Arc::clone(document))
    }

    /// Replaces the document.
    pub(crate) fn put(&self, position: Position, document: &Arc<Document>) {
        let mut slot = self.slot.write().unwrap_or_else(PoisonError::into_inner);
        *slot = Some((position, Arc::clone(document)));
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;

    #[test]
    fn a_document_serves_whoever_has_seen_no_more_than_it() {
        let position = |generation, line| Position { generation, line };
        let newest = Newest::default();
        assert!(newest.at_least(position(0, 0)).is_none());
        newest.put(position(2, 5), &Arc::new(Document::text(String::new(), Timestamp::UNIX_EPOCH)));
        assert!(newest.at_least(position(2, 5)).is_some());
        assert!(newest.at_least(position(2, 4)).is_some());
        assert!(newest.at_least(position(1, 900)).is_some());
        assert!(newest.at_least(position(2, 6)).is_none());
        assert!(newest.at_least(position(3, 0)).is_none());
    }
}
