use std::sync::Arc;

use registry::{Error, GemIndexState, IndexLine, Registry, Result};
use tokio::sync::Mutex;

use super::{
    Document,
    follow::{Newest, Position},
    growing::GrowingText,
    info::instant,
};

/// How many lines are read at once.
const PAGE: i64 = 5000;

/// Keeps `/versions`: a header, and the lines of the list in the database.
#[derive(Debug, Default)]
pub(crate) struct Versions {
    newest: Newest,
    /// Held while lines are loaded, so that they are not loaded twice.
    lines: Mutex<Option<Lines>>,
}

impl Versions {
    pub(crate) async fn document(&self, registry: &Registry) -> Result<Arc<Document>> {
        let state = registry.gem_index_state().await?;
        let position = Position::of(&state);
        if let Some(document) = self.newest.at_least(position) {
            return Ok(document);
        }
        let mut lines = self.lines.lock().await;
        if let Some(document) = self.newest.at_least(position) {
            return Ok(document);
        }
        let state = catch_up(&mut lines, registry, state).await?;
        let text = &lines.as_ref().expect("catching up leaves the lines that it loaded").text;
        let document = Arc::new(text.snapshot(state.changed_at));
        self.newest.put(Position::of(&state), &document);
        Ok(document)
    }
}

/// Loads what is missing up to `state`. Returns the state that was reached: a later one when the list was written anew meanwhile.
async fn catch_up(
    lines: &mut Option<Lines>,
    registry: &Registry,
    mut state: GemIndexState,
) -> Result<GemIndexState> {
    loop {
        let known = lines.take().filter(|lines| lines.generation == state.generation);
        let lines = lines.insert(known.unwrap_or_else(|| Lines::begin(&state)));
        if lines.load(registry, state.last_line).await? {
            return Ok(state);
        }
        let now = registry.gem_index_state().await?;
        if now.generation == state.generation {
            return Err(Error::internal("the gem index has fewer lines than it says"));
        }
        state = now;
    }
}

/// The document of one generation, up to some line.
#[derive(Debug)]
struct Lines {
    generation: i64,
    last: i64,
    text: GrowingText,
}

impl Lines {
    fn begin(state: &GemIndexState) -> Self {
        let mut text = GrowingText::default();
        text.append(&format!("created_at: {}\n---\n", instant(state.created_at)));
        Self { generation: state.generation, last: 0, text }
    }

    /// Loads all lines up to `last` and none beyond: the document then is what the state says. Returns whether they all exist.
    async fn load(&mut self, registry: &Registry, last: i64) -> Result<bool> {
        while self.last < last {
            let limit = PAGE.min(last - self.last);
            let page = registry.gem_index_lines(self.generation, self.last, limit).await?;
            if page.is_empty() {
                return Ok(false);
            }
            self.append(&page);
        }
        Ok(true)
    }

    fn append(&mut self, page: &[IndexLine]) {
        let mut text = String::new();
        for line in page {
            text.push_str(&line.text);
            text.push('\n');
            self.last = line.line;
        }
        self.text.append(&text);
    }
}

#[cfg(test)]
mod tests {
    use domain::{PackageId, Timestamp};

    use super::*;

    fn state(last_line: i64) -> GemIndexState {
        GemIndexState {
            generation: 3,
            format: "v2".to_owned(),
            created_at: "2026-08-01T00:00:05.25Z".parse().unwrap(),
            last_line,
            changed_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn line(number: i64, text: &str) -> IndexLine {
        IndexLine { line: number, package: PackageId::new(Timestamp::UNIX_EPOCH), text: text.to_owned() }
    }

    fn text(lines: &Lines) -> String {
        let document = lines.text.snapshot(Timestamp::UNIX_EPOCH);
        String::from_utf8(document.slice(&(0..document.length())).concat()).unwrap()
    }

    #[test]
    fn an_empty_list_is_a_header() {
        assert_eq!(text(&Lines::begin(&state(0))), "created_at: 2026-08-01T00:00:05Z\n---\n");
    }

    #[test]
    fn lines_are_appended_in_their_order() {
        let mut lines = Lines::begin(&state(3));
        lines.append(&[line(1, "a 1.0.0 00"), line(2, "b 0.1-java 01")]);
        lines.append(&[line(3, "a -1.0.0 02")]);
        assert_eq!(lines.last, 3);
        assert_eq!(
            text(&lines),
            "created_at: 2026-08-01T00:00:05Z\n---\na 1.0.0 00\nb 0.1-java 01\na -1.0.0 02\n"
        );
    }
}
