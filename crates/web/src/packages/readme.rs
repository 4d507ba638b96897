//! A readme as HTML. It is written by whoever published the gem, and nothing in it is trusted: only what is listed here comes
//! through, and everything else is text.

use askama::filters::{Html, escape};
use pulldown_cmark::{Alignment, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html::push_html};
use registry::{Artifact, Error};

use crate::Web;

/// The word for the readme among the files of a release.
const README: &str = "readme";

/// The readme among the files of a release as HTML, if there is one.
pub(super) async fn load(web: &Web, files: &[Artifact], name: &str) -> Result<Option<String>, Error> {
    let Some(file) = files.iter().find(|file| file.kind == README) else { return Ok(None) };
    let bytes = web.registry.read_artifact(file).await?;
    Ok(Some(to_html(name, &String::from_utf8_lossy(&bytes))))
}

/// Markdown by the ending of its name; other texts as they stand.
fn to_html(name: &str, text: &str) -> String {
    let ending = name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase());
    if matches!(ending.as_str(), "md" | "markdown") {
        markdown(text)
    } else {
        format!("<pre tabindex=\"0\">{}</pre>", escaped(text))
    }
}

fn markdown(text: &str) -> String {
    let mut harmless = Harmless { links: Vec::new(), inside: false };
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let events = Parser::new_ext(text, options).filter_map(|event| harmless.event(event));
    let mut html = String::with_capacity(text.len());
    push_html(&mut html, events);
    html
}

/// Lets harmless events through and puts others right.
struct Harmless {
    /// For each link and image that is open: what closes it.
    links: Vec<Option<&'static str>>,
    /// Whether one of them came through.
    inside: bool,
}

impl Harmless {
    fn event<'a>(&mut self, event: Event<'a>) -> Option<Event<'a>> {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(_) | Event::Code(_) | Event::SoftBreak | Event::HardBreak | Event::Rule => {
                Some(event)
            }
            // HTML, and what needs more than the rules of this file.
            _ => None,
        }
    }

    fn start<'a>(&mut self, tag: Tag<'a>) -> Option<Event<'a>> {
        Some(match tag {
            // Nothing is loaded from elsewhere: a link leads to the picture, and its description is what one reads.
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => return self.open_link(&dest_url),
            Tag::Heading { level, .. } => {
                let level = below_the_page(level);
                Event::Start(Tag::Heading { level, id: None, classes: Vec::new(), attrs: Vec::new() })
            }
            Tag::CodeBlock(_) => html("<pre tabindex=\"0\"><code>"),
            // Alignment would be a style in the page, which its policy forbids.
            Tag::Table(columns) => Event::Start(Tag::Table(vec![Alignment::None; columns.len()])),
            Tag::Paragraph
            | Tag::BlockQuote(_)
            | Tag::List(_)
            | Tag::Item
            | Tag::TableHead
            | Tag::TableRow
            | Tag::TableCell
            | Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough => Event::Start(tag),
            _ => return None,
        })
    }

    fn end<'a>(&mut self, tag: TagEnd) -> Option<Event<'a>> {
        match tag {
            TagEnd::Link | TagEnd::Image => self.close_link(),
            TagEnd::Heading(level) => Some(Event::End(TagEnd::Heading(below_the_page(level)))),
            TagEnd::CodeBlock => Some(html("</code></pre>")),
            TagEnd::Paragraph
            | TagEnd::BlockQuote(_)
            | TagEnd::List(_)
            | TagEnd::Item
            | TagEnd::Table
            | TagEnd::TableHead
            | TagEnd::TableRow
            | TagEnd::TableCell
            | TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough => Some(Event::End(tag)),
            _ => None,
        }
    }

    /// A link to another site. Of others, and of one inside another, the words remain.
    fn open_link<'a>(&mut self, address: &str) -> Option<Event<'a>> {
        if self.inside || !leads_elsewhere(address) {
            self.links.push(None);
            return None;
        }
        self.links.push(Some("</a>"));
        self.inside = true;
        let address = escaped(address);
        Some(html(format!("<a href=\"{address}\" rel=\"nofollow noopener noreferrer\">")))
    }

    fn close_link<'a>(&mut self) -> Option<Event<'a>> {
        let closing = self.links.pop().flatten()?;
        self.inside = false;
        Some(html(closing))
    }
}

/// HTML of our own making.
fn html<'a>(text: impl Into<CowStr<'a>>) -> Event<'a> {
    Event::InlineHtml(text.into())
}

/// Whether an address is one of a page or of somebody's mail, and not of a program.
fn leads_elsewhere(address: &str) -> bool {
    let scheme = address.split_once(':').map_or(String::new(), |(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_str(), "http" | "https" | "mailto") && !address.chars().any(char::is_control)
}

/// The page has headings of the first and the second level itself.
fn below_the_page(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

fn escaped(text: &str) -> String {
    escape(text, Html).map_or_else(|never| match never {}, |safe| safe.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_harmless_comes_through() {
        let text = "# Hola\n\nSays *hello* to **all** of `you` ~~now~~.\n\n- one\n- two\n\n> so\n\n```ruby\nputs 1 < 2\n```\n\n\
                    | a | b |\n|:-:|--:|\n| 1 | 2 |\n\n[site](https://example.com/?a=1&b=2) <me@example.com>\n";
        let html = to_html("README.md", text);
        for expected in [
            "<h3>Hola</h3>",
            "<em>hello</em>",
            "<strong>all</strong>",
            "<code>you</code>",
            "<del>now</del>",
            "<li>one</li>",
            "<blockquote>",
            "<pre tabindex=\"0\"><code>puts 1 &lt; 2\n</code></pre>",
            "<th>a</th>",
            "<a href=\"https://example.com/?a=1&#38;b=2\" rel=\"nofollow noopener noreferrer\">site</a>",
        ] {
            assert!(html.contains(expected), "{expected} is in {html}");
        }
    }

    /// Whatever is written, the tags and attributes are those of this list.
    #[test]
    fn nothing_hostile_comes_through() {
        for hostile in [
            "<script>alert(1)</script>",
            "a <script>alert(1)</script> b",
            "<img src=x onerror=alert(1)>",
            "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
            "<iframe src=//evil.test></iframe>",
            "<form action=//evil.test><input name=password><button>go</button></form>",
            "<style>body{display:none}</style>",
            "<div style='position:fixed'>x</div>",
            "<base href=//evil.test><meta http-equiv=refresh content=0>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](java\tscript:alert(1))",
            "[x](&#106;avascript:alert(1))",
            "[x](data:text/html,<script>alert(1)</script>)",
            "[x](vbscript:x)",
            "<javascript:alert(1)>",
            "[x]: javascript:alert(1)\n\n[x]",
            "![x](data:image/svg+xml,<svg onload=alert(1)>)",
            "![x](//evil.test/pixel.png)",
            "[a](https://a.test/\"onmouseover=\"alert(1))",
            "[a](https://a.test 'title\" onmouseover=\"alert(1)')",
            "```\"><script>alert(1)</script>\nx\n```",
            "# a {#id onclick=alert(1)}",
            "- [ ] box",
            "<!-- --><script>alert(1)</script>",
            "`<script>`\n\n    <script>alert(1)</script>",
        ] {
            let html = to_html("README.md", hostile);
            for tag in tags(&html) {
                assert!(is_listed(&tag), "{tag} comes from {hostile}");
            }
        }
    }

    /// Everything between `<` and `>`: text has neither.
    fn tags(html: &str) -> Vec<String> {
        html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default().to_owned()).collect()
    }

    /// Elements without attributes; the last one is only closed so.
    const PLAIN: [&str; 12] =
        ["p", "h3", "em", "strong", "code", "pre", "ul", "li", "br", "del", "blockquote", "a"];

    fn is_listed(tag: &str) -> bool {
        let link = |rest: &str| {
            let (address, rel) = rest.split_once('"').unwrap_or_default();
            let ours = address.starts_with("https://")
                || address.starts_with("http://")
                || address.starts_with("mailto:");
            ours && rel == " rel=\"nofollow noopener noreferrer\""
        };
        let closing = tag.strip_prefix('/').is_some_and(|name| PLAIN.contains(&name));
        closing
            || PLAIN[..11].contains(&tag)
            || tag == "pre tabindex=\"0\""
            || tag.strip_prefix("a href=\"").is_some_and(link)
    }

    #[test]
    fn a_picture_becomes_a_link_and_never_one_inside_another() {
        let alone = to_html("README.md", "![the logo](https://example.com/logo.png)");
        assert!(
            alone.contains("<a href=\"https://example.com/logo.png\"") && alone.contains(">the logo</a>"),
            "{alone}"
        );
        let badge = to_html("README.md", "[![build](https://ci.test/b.svg)](https://ci.test/)");
        assert_eq!(badge.matches("<a ").count(), 1, "{badge}");
        assert!(badge.contains(">build</a>") && !badge.contains("b.svg"), "{badge}");
    }

    #[test]
    fn pictures_within_pictures_cost_no_more_than_beside_each_other() {
        let deep = 40_000;
        let text = format!("{}x{}", "![".repeat(deep), "](x)".repeat(deep));
        assert!(to_html("README.md", &text).contains('x'));
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        assert_eq!(
            to_html("README.rdoc", "= <b>Hola</b>"),
            "<pre tabindex=\"0\">= &#60;b&#62;Hola&#60;/b&#62;</pre>"
        );
        assert_eq!(to_html("README", "*a*"), "<pre tabindex=\"0\">*a*</pre>");
    }
}
