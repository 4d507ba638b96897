//! Every message once, to look at.

use crate::{Message, account, address_invitation, invitation, key_news, owner_news, release_news};

/// A message with data that could be.
pub struct Sample {
    /// What the message is called, in a form that a file can have as its name.
    pub name: &'static str,
    /// The message.
    pub message: Box<dyn Message>,
}

impl std::fmt::Debug for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sample").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Sample {
    pub(crate) fn new(name: &'static str, message: impl Message + 'static) -> Self {
        Self { name, message: Box::new(message) }
    }
}

/// Every message that is sent, each with data that could be.
pub fn samples() -> Vec<Sample> {
    let each = [
        account::samples,
        invitation::samples,
        address_invitation::samples,
        owner_news::samples,
        key_news::samples,
        release_news::samples,
    ];
    each.into_iter().flat_map(|samples| samples("https://keyward.example.com")).collect()
}
