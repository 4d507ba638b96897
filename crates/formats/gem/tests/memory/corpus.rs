//! Texts that made the reader of YAML hold much more than themselves, when it took ten mebibytes and looked at its bounds after the
//! parser only.

/// A text and what is hostile about it.
pub(crate) struct Hostile {
    pub(crate) name: String,
    /// What ten mebibytes of it took once, in MiB.
    pub(crate) once: u64,
    pub(crate) text: String,
}

/// The longest gemspec that is read, in bytes.
const GEMSPEC: usize = 1 << 20;
/// The longest checksums that are read, in bytes.
const CHECKSUMS: usize = 64 << 10;
/// The longest stretch without a value that is read, in characters, and a little less.
const BEARABLE: usize = 95_000;

const HEAD: &str = "--- !ruby/object:Gem::Specification\n";

/// What a gemspec must have.
const GOOD: &str = "--- !ruby/object:Gem::Specification
name: hola
version: !ruby/object:Gem::Version
  version: 1.0.0
authors: [A]
summary: x
";

fn hostile(name: &str, once: u64, text: String) -> Hostile {
    Hostile { name: name.to_owned(), once, text }
}

/// A piece as often as it fits between a beginning and an end.
fn filled(most: usize, start: &str, piece: &str, end: &str) -> String {
    let room = most - start.len() - end.len();
    format!("{start}{}{end}", piece.repeat(room / piece.len()))
}

/// A beginning and as many numbered pieces as fit.
fn numbered(most: usize, start: &str, piece: impl Fn(usize) -> String) -> String {
    let mut text = start.to_owned();
    for piece in (0..).map(piece) {
        if text.len() + piece.len() > most {
            break;
        }
        text += &piece;
    }
    text
}

/// What stands in a list or a map in brackets, which the parser reads to its end before it tells of its beginning.
const FLOWS: [(&str, u64, [&str; 3]); 13] = [
    ("keys", 5352, ["[[", "a:,", "]]"]),
    ("pairs of nothing", 5008, ["[[", ":,", "]]"]),
    ("lists as keys", 5008, ["[[", "[:]:,", "]]"]),
    ("words", 3028, ["[[", "a,", "]]"]),
    ("pairs in a map", 2924, ["[{", "a: b,", "}]"]),
    ("pairs", 2806, ["[[", "a: b,", "]]"]),
    ("commas", 2512, ["[[", ",", "]]"]),
    ("lists", 2512, ["[[", "[],", "]]"]),
    ("tags", 1457, ["[[", "!a b,", "]]"]),
    ("anchors", 1446, ["[[", "&a b,", "]]"]),
    ("questions", 1436, ["[{", "? a,", "}]"]),
    ("quoted words", 1280, ["[[", "'a',", "]]"]),
    ("tags without values", 672, ["[[", "!a ", "]]"]),
];

/// Each of them on one line, on lines of a bearable length, and in lists that end before anything is to be said against them.
fn flows() -> impl Iterator<Item = Hostile> {
    FLOWS.into_iter().flat_map(|(name, once, [start, piece, end])| {
        let line = format!("{}\n ", piece.repeat(1000 / piece.len()));
        let list = format!("{start}{}{end},\n ", line.repeat(BEARABLE / line.len()));
        let head = format!("{HEAD}email: {start}");
        [
            hostile(&format!("{name} on one line"), once, filled(GEMSPEC, &head, piece, "")),
            hostile(&format!("{name} on lines"), once, filled(GEMSPEC, &head, &line, "")),
            hostile(
                &format!("{name} in bearable lists"),
                once,
                filled(GEMSPEC, &format!("{HEAD}email: [\n "), &list, ""),
            ),
        ]
    })
}

fn directives() -> [Hostile; 2] {
    let prefix = format!("%TAG !a! tag:{}\n{HEAD}files:\n", "x".repeat(10_000));
    let words = filled(GEMSPEC, "%A", " b", &format!("\n{HEAD}"));
    [
        hostile("a prefix of tags, copied for each", 4833, filled(GEMSPEC, &prefix, "- !a!b c\n", "")),
        hostile("a directive of many words", 336, words),
    ]
}

/// Many small values, and long ones of which many copies are made.
fn blocks() -> [Hostile; 8] {
    let message = format!("- {}\n", "a".repeat(50));
    let clause = "    - - \">=\"\n      - !ruby/object:Gem::Version\n        version: '1'\n";
    let clauses = format!("{GOOD}required_ruby_version: !ruby/object:Gem::Requirement\n    requirements:\n");
    let dependency =
        |number| format!("- !ruby/object:Gem::Dependency\n  name: a{number}\n  type: :runtime\n");
    let dependencies = format!("{GOOD}dependencies:\n");
    let of_one_name = filled(GEMSPEC, &dependencies, &dependency(0), "");
    [
        hostile("a map as a key", 1470, filled(GEMSPEC, &format!("{HEAD}? {{\n "), "a: b,\n ", "")),
        hostile("an unknown key", 92, filled(GEMSPEC, &format!("{HEAD}? "), "\u{fffd}", "\n: a\n")),
        hostile("messages", 81, filled(GEMSPEC, &format!("{GOOD}post_install_message:\n"), &message, "")),
        hostile("dependencies", 70, numbered(GEMSPEC, &dependencies, dependency)),
        hostile("dependencies of one name", 70, of_one_name),
        hostile(
            "keys",
            70,
            numbered(GEMSPEC, &format!("{HEAD}metadata:\n"), |number| format!("  {number}: a\n")),
        ),
        hostile("lists of one", 69, filled(GEMSPEC, &format!("{HEAD}files:\n"), "- - a\n", "")),
        hostile("clauses", 64, filled(GEMSPEC, &clauses, clause, "")),
    ]
}

/// Gemspecs.
pub(crate) fn gemspecs() -> impl Iterator<Item = Hostile> {
    flows().chain(directives()).chain(blocks())
}

/// Checksums.
pub(crate) fn checksums() -> [Hostile; 2] {
    let algorithm = format!("? {}\n:\n", "x".repeat(30_000));
    let copied = numbered(CHECKSUMS, &algorithm, |number| format!("  {number}: a\n"));
    [
        hostile("an algorithm, copied for each entry", 2727, copied),
        hostile("words in a list", 3100, filled(CHECKSUMS, "SHA256: [[\n ", "a,\n ", "")),
    ]
}
