use std::sync::Arc;

use domain::Ecosystem;
use registry::{Registry, Result};
use tokio::sync::Mutex;

use super::{
    Document,
    follow::{Newest, Position},
};

/// Keeps `/names`, made anew when something has changed. Hardly any client asks for it.
#[derive(Debug, Default)]
pub(crate) struct Names {
    newest: Newest,
    /// Held while the names are loaded, so that they are not loaded twice.
    loading: Mutex<()>,
}

impl Names {
    pub(crate) async fn document(&self, registry: &Registry) -> Result<Arc<Document>> {
        let state = registry.gem_index_state().await?;
        let position = Position::of(&state);
        if let Some(document) = self.newest.at_least(position) {
            return Ok(document);
        }
        let _loading = self.loading.lock().await;
        if let Some(document) = self.newest.at_least(position) {
            return Ok(document);
        }
        let names = registry.live_names(Ecosystem::RubyGems).await?;
        let document = Arc::new(Document::text(render(&names), state.changed_at));
        self.newest.put(position, &document);
        Ok(document)
    }
}

/// One name a line. Without any name there is an empty line: older parsers want one.
fn render(names: &[String]) -> String {
    format!("---\n{}\n", names.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_one_a_line() {
        assert_eq!(render(&[]), "---\n\n");
        assert_eq!(render(&["a".to_owned(), "b".to_owned()]), "---\na\nb\n");
    }
}
