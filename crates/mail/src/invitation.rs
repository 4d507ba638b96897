use crate::Sample;

/// To somebody who was invited to own a package: they confirm with the link.
#[derive(Clone)]
pub struct Invitation {
    /// The package.
    pub package: String,
    /// Who is invited.
    pub handle: String,
    /// The link to confirm with. A secret until it is used.
    pub link: String,
    /// The address of this server.
    pub base_url: String,
}

impl std::fmt::Debug for Invitation {
    /// Without the link.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invitation").field("package", &self.package).finish_non_exhaustive()
    }
}

/// One to show.
pub(crate) fn samples(base_url: &str) -> Vec<Sample> {
    let message = Invitation {
        package: "fabrikam".to_owned(),
        handle: "bob".to_owned(),
        link: format!("{base_url}/owners/confirm/TOKEN"),
        base_url: base_url.to_owned(),
    };
    vec![Sample::new("owner_invited", message)]
}

templates!(Invitation, "invitation/subject.txt", "invitation/body.txt", "invitation/body.html");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message as _;

    #[test]
    fn the_link_is_in_the_message_and_in_no_debug_text() {
        let invitation = Invitation {
            package: "hola".into(),
            handle: "bob".into(),
            link: "http://127.0.0.1:8080/owners/confirm/TOKEN".into(),
            base_url: "http://127.0.0.1:8080".into(),
        };
        for body in [invitation.text().unwrap(), invitation.html().unwrap()] {
            assert!(body.contains("http://127.0.0.1:8080/owners/confirm/TOKEN"), "{body}");
        }
        assert!(!format!("{invitation:?}").contains("TOKEN"));
    }
}
