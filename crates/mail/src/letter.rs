use askama::Template;

use crate::Message;

/// A message as it is sent: its templates filled in, the shared page around its HTML.
#[derive(Debug, Clone)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// A whole HTML page.
    pub html: String,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    subject: &'a str,
    body: &'a str,
}

impl Letter {
    /// Fills in the templates of a message.
    pub fn of(message: &dyn Message) -> Result<Self, askama::Error> {
        let subject = one_line(&message.subject()?);
        let html = Page { subject: &subject, body: &message.html()? }.render()?;
        Ok(Self { text: message.text()?, subject, html })
    }
}

/// Names stand in subjects: whatever is in them, a subject stays one line and begins no other header.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line_whatever_is_in_it() {
        assert_eq!(one_line(" a\r\nBcc: b@example.com\u{2028}c\u{0}\t d\n"), "a Bcc: b@example.com c d");
    }
}
