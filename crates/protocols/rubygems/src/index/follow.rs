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

    /// Replaces the document, unless the one that is there has seen as much.
    pub(crate) fn put(&self, position: Position, document: &Arc<Document>) {
        let mut slot = self.slot.write().unwrap_or_else(PoisonError::into_inner);
        if slot.as_ref().is_none_or(|(seen, _)| *seen < position) {
            *slot = Some((position, Arc::clone(document)));
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;

    fn position(generation: i64, line: i64) -> Position {
        Position { generation, line }
    }

    fn document(text: &str) -> Arc<Document> {
        Arc::new(Document::text(text.to_owned(), Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn an_older_document_does_not_replace_a_newer_one() {
        let newest = Newest::default();
        newest.put(position(2, 5), &document("newer"));
        newest.put(position(2, 4), &document("old"));
        assert_eq!(newest.at_least(position(0, 0)).unwrap().length(), 5);
        newest.put(position(3, 0), &document("newest"));
        assert_eq!(newest.at_least(position(0, 0)).unwrap().length(), 6);
    }

    #[test]
    fn a_document_serves_whoever_has_seen_no_more_than_it() {
        let newest = Newest::default();
        assert!(newest.at_least(position(0, 0)).is_none());
        newest.put(position(2, 5), &document("a"));
        assert!(newest.at_least(position(2, 5)).is_some());
        assert!(newest.at_least(position(2, 4)).is_some());
        assert!(newest.at_least(position(1, 900)).is_some());
        assert!(newest.at_least(position(2, 6)).is_none());
        assert!(newest.at_least(position(3, 0)).is_none());
    }
}
