//! Which packages of today a key would reach.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{AccountId, Ecosystem};
use http::StatusCode;
use registry::{Error, Preview};

use super::{
    create::parse,
    form::{globs, names},
};
use crate::{Web, error::WebError, fields::Fields, page::render, signed_in::Member};

/// A preview as people see it.
#[derive(Debug)]
pub(crate) struct PreviewView {
    /// How many packages match.
    pub(crate) count: String,
    /// The first of them, and whether they are the person's own.
    pub(crate) first: Vec<(String, bool)>,
    /// How many more there are.
    pub(crate) more: usize,
    /// What is wrong with names and globs.
    pub(crate) problems: Vec<String>,
}

#[derive(Debug, Template)]
#[template(path = "keys/preview.html")]
struct Fragment {
    preview: PreviewView,
}

/// `POST /keys/preview/ECOSYSTEM`: the preview alone, for the page that somebody types into. Changes nothing; it is no GET because
/// the names of packages do not fit into an address.
pub(crate) async fn show(
    State(web): State<Web>,
    Member(signed_in): Member,
    Path(ecosystem): Path<String>,
    fields: Fields,
) -> Result<Response, WebError> {
    let account = signed_in.caller.account().id;
    let preview = PreviewView::load(&web, account, parse(&ecosystem)?, &fields).await?;
    Ok(render(StatusCode::OK, &Fragment { preview }))
}

impl PreviewView {
    /// What the typed names and globs match.
    pub(crate) async fn load(
        web: &Web,
        account: AccountId,
        ecosystem: Ecosystem,
        fields: &Fields,
    ) -> Result<Self, Error> {
        let (names, globs) = (names(fields), globs(fields));
        if names.is_empty() && globs.is_empty() {
            let count = "Nothing is chosen yet.".to_owned();
            return Ok(Self { count, first: Vec::new(), more: 0, problems: Vec::new() });
        }
        Ok(match web.registry.preview_packages(account, ecosystem, &names, &globs).await? {
            Ok(preview) => Self::of(preview),
            Err(problems) => Self {
                count: String::new(),
                first: Vec::new(),
                more: 0,
                problems: problems.iter().map(ToString::to_string).collect(),
            },
        })
    }

    fn of(preview: Preview) -> Self {
        Self {
            count: counted(&preview),
            more: preview.count - preview.first.len(),
            first: preview.first.into_iter().map(|(name, own)| (name.as_str().to_owned(), own)).collect(),
            problems: Vec::new(),
        }
    }
}

fn counted(preview: &Preview) -> String {
    let at_least = if preview.complete { "" } else { "at least " };
    match (preview.count, preview.complete) {
        (0, true) => "No package of today matches.".to_owned(),
        (0, false) => {
            "None of the first packages matches; there are too many to look at them all.".to_owned()
        }
        (1, _) => format!("Matches {at_least}one package of today, {} of them yours.", preview.own),
        (count, _) => format!("Matches {at_least}{count} packages of today, {} of them yours.", preview.own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_says_when_not_all_packages_were_looked_at() {
        let told = |count, complete| counted(&Preview { count, own: 0, complete, first: Vec::new() });
        assert_eq!(told(3, true), "Matches 3 packages of today, 0 of them yours.");
        assert_eq!(told(3, false), "Matches at least 3 packages of today, 0 of them yours.");
        assert_eq!(told(0, true), "No package of today matches.");
        assert!(told(0, false).contains("too many"));
    }
}
