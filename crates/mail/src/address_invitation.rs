use crate::Sample;

/// To an address that was invited to own a package and has no account.
#[derive(Debug, Clone)]
pub struct AddressInvitation {
    /// The package.
    pub package: String,
    /// Who invited.
    pub by: String,
    /// The page to create an account; none where people cannot do that themselves.
    pub sign_up: Option<String>,
    /// The address of this server.
    pub base_url: String,
}

impl AddressInvitation {
    fn next_step(&self) -> String {
        let by = &self.by;
        match &self.sign_up {
            Some(page) => format!(
                "To accept, sign up with this email address at {page} and ask {by} to invite you again."
            ),
            None => format!(
                "To accept, ask an administrator of the server for an account, and then ask {by} to invite you again."
            ),
        }
    }
}

/// One of each kind, to show.
pub(crate) fn samples(base_url: &str) -> Vec<Sample> {
    let message = |sign_up: Option<&str>| AddressInvitation {
        package: "fabrikam".to_owned(),
        by: "alice".to_owned(),
        sign_up: sign_up.map(|page| format!("{base_url}{page}")),
        base_url: base_url.to_owned(),
    };
    vec![
        Sample::new("address_invited", message(None)),
        Sample::new("address_invited_sign_up", message(Some("/sign_up"))),
    ]
}

templates!(
    AddressInvitation,
    "address_invitation/subject.txt",
    "address_invitation/body.txt",
    "address_invitation/body.html"
);
