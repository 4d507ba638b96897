//! YAML as a tree of plain nodes: no objects, no references, no directives, bounded in depth and size.
//!
//! What the parser is given is bounded too, since it holds far more than its text: first by a look at the text ([`text`]), then by a
//! stretch of text that must bring forth a value before it gets more ([`window`]).

mod text;
mod window;

use std::borrow::Cow;
use std::collections::HashSet;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use self::window::{Allowance, Window};

/// The longest tag, in bytes. Those of gemspecs have 42 at most, and each node keeps its own.
const LONGEST_TAG: usize = 128;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// The tag as written (`!ruby/object:Gem::Version`) or, for those of YAML itself, in full (`tag:yaml.org,2002:str`).
    pub(crate) tag: Option<String>,
    pub(crate) value: Value,
    /// Counted from 1.
    pub(crate) line: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Scalar {
        text: String,
        /// Without quotes, so that it may stand for a number, a truth value or nothing.
        plain: bool,
    },
    Sequence(Vec<Node>),
    /// Keys are known to differ.
    Mapping(Vec<(Node, Node)>),
}

/// Bounds on a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) depth: usize,
    pub(crate) nodes: usize,
    /// From one value to the next, in characters: a scalar, a comment, or whatever may turn out to be the key of a map.
    pub(crate) stretch: usize,
    /// In bytes.
    pub(crate) line: usize,
}

/// Why a text is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) reason: Reason,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reason {
    /// An anchor or an alias.
    Reference,
    Syntax(String),
}

/// Reads the one document of a text.
pub(crate) fn parse(bytes: &[u8], bounds: Bounds) -> Result<Node, Fault> {
    let mut events = Events::new(text::decode(bytes, bounds)?, bounds.stretch);
    events.expect(|event| matches!(event, Event::StreamStart), "no stream")?;
    events.expect(|event| matches!(event, Event::DocumentStart(_)), "no document")?;
    let root = Builder { open: Vec::new(), bounds, nodes: 0 }.build(&mut events)?;
    events.expect(|event| matches!(event, Event::DocumentEnd), "no end of the document")?;
    events.expect(|event| matches!(event, Event::StreamEnd), "more than one document")?;
    Ok(root)
}

/// What the parser makes of a text, a bounded stretch of it at a time.
struct Events<'text> {
    parser: Parser<'text, Window<'text>>,
    allowance: Allowance,
    stretch: usize,
    /// Where the last event was: the next stretch begins there.
    line: usize,
}

impl<'text> Events<'text> {
    fn new(text: &'text str, stretch: usize) -> Self {
        let allowance = Allowance::default();
        Self { parser: Parser::new(Window::new(text, allowance.clone())), allowance, stretch, line: 1 }
    }

    fn next(&mut self) -> Result<(Event<'text>, Span), Fault> {
        self.allowance.renew(self.stretch);
        let event = self.parser.next_event();
        if self.allowance.is_exceeded() {
            return Err(syntax(self.line, format!("a value is longer than {} characters", self.stretch)));
        }
        match event {
            Some(Ok((event, span))) => {
                self.line = span.start.line();
                Ok((event, span))
            }
            Some(Err(error)) => Err(scan_fault(&error)),
            None => Err(syntax(1, "unexpected end".to_owned())),
        }
    }

    fn expect(&mut self, wanted: fn(&Event<'_>) -> bool, reason: &str) -> Result<(), Fault> {
        let (event, span) = self.next()?;
        if wanted(&event) { Ok(()) } else { Err(syntax(span.start.line(), reason.to_owned())) }
    }
}

fn syntax(line: usize, reason: String) -> Fault {
    Fault { line, reason: Reason::Syntax(reason) }
}

fn scan_fault(error: &ScanError) -> Fault {
    syntax(error.marker().line(), error.info().to_owned())
}

/// A list or map whose end has not come yet.
struct Open {
    tag: Option<String>,
    line: usize,
    children: Children,
}

enum Children {
    Sequence(Vec<Node>),
    Mapping { pairs: Vec<(Node, Node)>, key: Option<Node>, keys: HashSet<String> },
}

/// Puts the tree together from events, with a stack of its own.
struct Builder {
    open: Vec<Open>,
    bounds: Bounds,
    nodes: usize,
}

impl Builder {
    fn build(mut self, events: &mut Events<'_>) -> Result<Node, Fault> {
        loop {
            let (event, span) = events.next()?;
            let line = span.start.line();
            let complete = match event {
                Event::Scalar(text, style, anchor, tag) => {
                    self.admit(line, anchor)?;
                    refuse_nul(line, &text)?;
                    let mut text = text.into_owned();
                    // The parser makes more room than most scalars need.
                    text.shrink_to_fit();
                    let value = Value::Scalar { text, plain: style == ScalarStyle::Plain };
                    Some(Node { tag: tag_text(line, tag)?, value, line })
                }
                Event::SequenceStart(anchor, tag) => {
                    self.admit(line, anchor)?;
                    self.enter(line, tag, Children::Sequence(Vec::new()))?;
                    None
                }
                Event::MappingStart(anchor, tag) => {
                    self.admit(line, anchor)?;
                    let children = Children::Mapping { pairs: Vec::new(), key: None, keys: HashSet::new() };
                    self.enter(line, tag, children)?;
                    None
                }
                Event::SequenceEnd | Event::MappingEnd => self.leave(),
                Event::Alias(_) => return Err(Fault { line, reason: Reason::Reference }),
                _ => return Err(syntax(line, "no value".to_owned())),
            };
            if let Some(node) = complete
                && let Some(root) = self.add(node)?
            {
                return Ok(root);
            }
        }
    }

    /// Counts a node. Anchors are numbered from 1.
    fn admit(&mut self, line: usize, anchor: usize) -> Result<(), Fault> {
        self.nodes += 1;
        if anchor != 0 {
            Err(Fault { line, reason: Reason::Reference })
        } else if self.nodes > self.bounds.nodes {
            Err(syntax(line, format!("more than {} values", self.bounds.nodes)))
        } else {
            Ok(())
        }
    }

    fn enter(&mut self, line: usize, tag: Option<Cow<'_, Tag>>, children: Children) -> Result<(), Fault> {
        if self.open.len() >= self.bounds.depth {
            return Err(syntax(line, format!("nested more than {} levels deep", self.bounds.depth)));
        }
        self.open.push(Open { tag: tag_text(line, tag)?, line, children });
        Ok(())
    }

    fn leave(&mut self) -> Option<Node> {
        let Open { tag, line, children } = self.open.pop()?;
        let value = match children {
            Children::Sequence(items) => Value::Sequence(items),
            Children::Mapping { pairs, .. } => Value::Mapping(pairs),
        };
        Some(Node { tag, value, line })
    }

    /// Adds a finished node to the list or map around it; gives it back if there is none.
    fn add(&mut self, node: Node) -> Result<Option<Node>, Fault> {
        match self.open.last_mut().map(|open| &mut open.children) {
            None => return Ok(Some(node)),
            Some(Children::Sequence(items)) => items.push(node),
            Some(Children::Mapping { pairs, key, keys }) => match key.take() {
                Some(key) => pairs.push((key, node)),
                None => *key = Some(unique_key(node, keys)?),
            },
        }
        Ok(None)
    }
}

/// An escape may stand for a zero byte, which neither file names nor databases take.
fn refuse_nul(line: usize, text: &str) -> Result<(), Fault> {
    if text.contains('\0') { Err(syntax(line, "zero bytes are not allowed".to_owned())) } else { Ok(()) }
}

/// A key must be a scalar, stand once in its map, and not be `<<`, which merges another map for some parsers.
fn unique_key(node: Node, keys: &mut HashSet<String>) -> Result<Node, Fault> {
    let Value::Scalar { text, plain } = &node.value else {
        return Err(syntax(node.line, "a key must be a scalar".to_owned()));
    };
    if *plain && text == "<<" {
        return Err(syntax(node.line, "merge keys are not supported".to_owned()));
    }
    if keys.insert(text.clone()) {
        Ok(node)
    } else {
        Err(syntax(node.line, format!("duplicate key {text:?}")))
    }
}

fn tag_text(line: usize, tag: Option<Cow<'_, Tag>>) -> Result<Option<String>, Fault> {
    match tag.map(|tag| format!("{}{}", tag.handle, tag.suffix)) {
        Some(tag) if tag.len() > LONGEST_TAG => {
            Err(syntax(line, format!("a tag is longer than {LONGEST_TAG} bytes")))
        }
        tag => Ok(tag),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { depth: 4, nodes: 10, stretch: 60, line: 200 };

    fn fault(text: &str) -> Fault {
        parse(text.as_bytes(), BOUNDS).expect_err("not taken")
    }

    fn scalar(text: &str, plain: bool, line: usize) -> Node {
        Node { tag: None, value: Value::Scalar { text: text.to_owned(), plain }, line }
    }

    #[test]
    fn a_tree_keeps_tags_quotes_and_lines() {
        let root = parse(b"--- !ruby/object:A\nb: ! 'c'\nd:\n- !!str e\n- f\n", BOUNDS).expect("taken");
        assert_eq!(root.tag.as_deref(), Some("!ruby/object:A"));
        let Value::Mapping(pairs) = root.value else { panic!("a map") };
        assert_eq!(pairs[0].0, scalar("b", true, 2));
        assert_eq!(pairs[0].1, Node { tag: Some("!".to_owned()), ..scalar("c", false, 2) });
        let Value::Sequence(items) = &pairs[1].1.value else { panic!("a list") };
        assert_eq!(items[0].tag.as_deref(), Some("tag:yaml.org,2002:str"));
        assert_eq!(items[1], scalar("f", true, 5));
    }

    #[test]
    fn bounds_hold_to_the_last_one() {
        assert!(parse(b"[[[[1]]]]", BOUNDS).is_ok());
        assert_eq!(fault("[[[[[1]]]]]").reason, Reason::Syntax("nested more than 4 levels deep".to_owned()));
        assert!(parse(b"[1, 2, 3, 4, 5, 6, 7, 8, 9]", BOUNDS).is_ok());
        let many = fault("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]");
        assert_eq!(many.reason, Reason::Syntax("more than 10 values".to_owned()));
    }

    fn says(text: &str) -> String {
        match fault(text).reason {
            Reason::Syntax(reason) => reason,
            Reason::Reference => panic!("a reference"),
        }
    }

    #[test]
    fn directives_are_refused() {
        for text in [
            "%TAG ! tag:example.com,2000:\n--- !ruby/object:A {}\n",
            "%YAML 1.1\n--- a\n",
            "%\n--- a\n",
            "--- a\n...\n%YAML 1.1\n--- b\n",
            "--- a\r%YAML 1.1\r",
            "--- \"a\n%b\"\n",
        ] {
            assert_eq!(says(text), "directives are not supported", "{text:?}");
        }
        assert_eq!(fault("a: b\n%c").line, 2);
        assert!(parse(b"- '%'\n- \"%a\n %b\"\n- |\n %c\n", BOUNDS).is_ok());
    }

    #[test]
    fn what_brings_forth_no_value_is_bounded() {
        let longest = "x".repeat(BOUNDS.stretch - 1);
        for text in [longest.clone(), format!("a: '{}'", &longest[2..]), format!("#{}\na", &longest[3..])] {
            assert!(parse(text.as_bytes(), BOUNDS).is_ok(), "{text:?}: {:?}", parse(text.as_bytes(), BOUNDS));
        }
        for text in [
            format!("{longest}xx"),
            format!("a: \"{longest}xx\""),
            format!("a: |\n {longest}xx"),
            format!("# {longest}\na"),
            format!("a: !{longest}xx b"),
            format!("a: b\n{}c: d", "\n".repeat(BOUNDS.stretch)),
            format!("[[{}]]", "a,".repeat(40)),
            format!("[{{{}}}]", "a: b,".repeat(20)),
            format!("[{}a]", "[a],".repeat(30)),
        ] {
            assert_eq!(says(&text), "a value is longer than 60 characters", "{text:?}");
        }
        let one_by_one = format!("[{}]", "a,".repeat(5) + &" ".repeat(40) + "b,c");
        assert!(parse(one_by_one.as_bytes(), BOUNDS).is_ok(), "each item is a value: {one_by_one:?}");
    }

    #[test]
    fn lines_and_tags_are_bounded() {
        let spaces = " ".repeat(BOUNDS.line);
        assert_eq!(fault(&format!("a: b\n{spaces} ")).line, 2);
        assert_eq!(says(&format!("a: b\n{spaces} ")), "a line is longer than 200 bytes");
        let bounds = Bounds { stretch: 1000, line: 1000, ..BOUNDS };
        let tagged = |length| parse(format!("!{} a", "t".repeat(length - 1)).as_bytes(), bounds);
        assert!(tagged(LONGEST_TAG).is_ok());
        let reason = Reason::Syntax("a tag is longer than 128 bytes".to_owned());
        assert_eq!(tagged(LONGEST_TAG + 1), Err(Fault { line: 1, reason }));
    }

    #[test]
    fn references_are_told_from_mistakes() {
        assert_eq!(fault("a: &b 1"), Fault { line: 1, reason: Reason::Reference });
        assert_eq!(fault("a: 1\nb: &c [1]"), Fault { line: 2, reason: Reason::Reference });
        assert!(matches!(fault("a: 1\na: 2"), Fault { line: 2, reason: Reason::Syntax(_) }));
    }
}
