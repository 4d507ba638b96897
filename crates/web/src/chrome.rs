use crate::{Web, signed_in::Visitor};

/// What surrounds every page: where links begin, and who is signed in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chrome {
    /// Links begin with this.
    pub(crate) root: String,
    /// The handle of whoever is signed in.
    pub(crate) handle: Option<String>,
    /// Whoever is signed in has not confirmed the mail address yet.
    pub(crate) unconfirmed: bool,
}

impl Chrome {
    /// Around a page for this visitor.
    pub(crate) fn new(web: &Web, visitor: &Visitor) -> Self {
        let account = visitor.0.as_ref().map(|signed_in| signed_in.caller.account());
        let unconfirmed = account.is_some_and(|account| !account.confirmed);
        let handle = account.map(|account| account.handle.clone());
        Self { root: web.root().to_owned(), handle, unconfirmed }
    }

    /// Around a page for nobody in particular.
    pub(crate) fn anonymous(web: &Web) -> Self {
        Self { root: web.root().to_owned(), handle: None, unconfirmed: false }
    }
}
