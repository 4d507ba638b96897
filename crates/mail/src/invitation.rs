use askama::Template;

use crate::Message;

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

#[derive(Template)]
#[template(path = "invitation/subject.txt")]
struct Subject<'a>(&'a Invitation);

#[derive(Template)]
#[template(path = "invitation/body.txt")]
struct Text<'a>(&'a Invitation);

#[derive(Template)]
#[template(path = "invitation/body.html")]
struct Html<'a>(&'a Invitation);

impl Message for Invitation {
    fn subject(&self) -> Result<String, askama::Error> {
        Subject(self).render()
    }

    fn text(&self) -> Result<String, askama::Error> {
        Text(self).render()
    }

    fn html(&self) -> Result<String, askama::Error> {
        Html(self).render()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_package_person_and_link() {
        let invitation = Invitation {
            package: "hola".into(),
            handle: "bob".into(),
            link: "http://127.0.0.1:8080/owners/confirm/TOKEN".into(),
            base_url: "http://127.0.0.1:8080".into(),
        };
        assert_eq!(invitation.subject().unwrap(), "Please confirm the ownership of the hola package");
        for body in [invitation.text().unwrap(), invitation.html().unwrap()] {
            assert!(body.contains("hola") && body.contains("bob"), "{body}");
            assert!(body.contains("http://127.0.0.1:8080/owners/confirm/TOKEN"), "{body}");
        }
        assert!(!format!("{invitation:?}").contains("TOKEN"));
    }
}
