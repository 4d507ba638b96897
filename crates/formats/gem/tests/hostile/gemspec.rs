//! Gemspecs that are bombs, or say what no gemspec says.

use gem_format::build::{GemBuilder, package};
use gem_format::{Limits, Refusal};

use crate::{Case, check_all, good, read_within_bounds, unsummed};

const HEAD: &str = "--- !ruby/object:Gem::Specification\n";

/// A package of this gemspec.
fn of(gemspec: &str) -> Vec<u8> {
    unsummed(gemspec.as_bytes(), good().data())
}

/// The good gemspec, with one text replaced by another.
fn replaced(from: &str, to: &str) -> Vec<u8> {
    let gemspec = good().gemspec();
    assert!(gemspec.contains(from), "{from:?} is in the good gemspec");
    of(&gemspec.replacen(from, to, 1))
}

/// The good gemspec with lines behind it.
fn plus(lines: &str) -> Vec<u8> {
    of(&(good().gemspec() + lines))
}

/// The good gemspec with another value of a key.
fn field(key: &str, yaml: &str) -> Vec<u8> {
    of(&good().field(key, yaml).gemspec())
}

/// Two mebibytes of one letter.
pub(crate) fn gzip_bomb() -> Vec<u8> {
    of(&"a".repeat(2 << 20))
}

/// As many small values as fit.
pub(crate) fn most_values() -> Vec<u8> {
    of(&format!("{HEAD}files:\n{}", "- a\n".repeat(250_000)))
}

/// A value inside of many others.
pub(crate) fn deep(open: &str) -> Vec<u8> {
    of(&format!("{HEAD}email: {}", open.repeat(90_000)))
}

const IS_SYNTAX: fn(&Refusal) -> bool = |refusal| matches!(refusal, Refusal::InvalidYaml { .. });
const IS_SCHEMA: fn(&Refusal) -> bool = |refusal| matches!(refusal, Refusal::Schema(_));
const IS_POLICY: fn(&Refusal) -> bool = |refusal| matches!(refusal, Refusal::Policy(_));

#[test]
fn bombs_are_refused() {
    check_all(vec![
        Case::new("a gzip bomb", gzip_bomb(), |refusal| matches!(refusal, Refusal::TooBig { .. }))
            .says("metadata.gz is too big (over 1048576 bytes)"),
        Case::new(
            "a large plain gemspec",
            package(&[
                ("metadata".to_owned(), vec![b'a'; 2 << 20]),
                ("data.tar.gz".to_owned(), good().data()),
            ]),
            |refusal| matches!(refusal, Refusal::TooBig { .. }),
        )
        .says("metadata is too big (over 1048576 bytes)"),
        Case::new("too many values", most_values(), IS_SYNTAX)
            .says("invalid YAML syntax at line 100000: more than 100000 values"),
        Case::new("deep lists", deep("["), IS_SYNTAX),
        Case::new("lists a little too deep", of(&format!("{HEAD}email: {}", "[".repeat(40))), IS_SYNTAX)
            .says("invalid YAML syntax at line 2: nested more than 32 levels deep"),
        Case::new("deep maps", deep("{a: "), IS_SYNTAX),
        Case::new("deep dashes", of(&"- ".repeat(90_000)), IS_SYNTAX),
        Case::new("deep questions", of(&"? ".repeat(90_000)), IS_SYNTAX),
        Case::new(
            "a list that does not end",
            of(&format!("{HEAD}email: [[\n{}", " a,\n".repeat(50_000))),
            IS_SYNTAX,
        )
        .says("invalid YAML syntax at line 2: a value is longer than 98304 characters"),
        Case::new("a long line", of(&format!("{HEAD}email: {}", " ".repeat(1_000_000))), IS_SYNTAX)
            .says("invalid YAML syntax at line 2: a line is longer than 262144 bytes"),
        Case::new("a long tag", of(&format!("{HEAD}email: !{} a\n", "x".repeat(128))), IS_SYNTAX)
            .says("invalid YAML syntax at line 2: a tag is longer than 128 bytes"),
        Case::new("a directive", of(&format!("%TAG !a! tag:example.com,2000:\n{HEAD}")), IS_SYNTAX)
            .says("invalid YAML syntax at line 1: directives are not supported"),
    ]);
}

#[test]
fn anchors_and_aliases_are_refused_with_an_answer_of_their_own() {
    let is_alias: fn(&Refusal) -> bool = Refusal::is_alias;
    let bomb: String = (1..30).fold("b0: &b0 [a]\n".to_owned(), |bomb, level| {
        let below = level - 1;
        bomb + &format!("b{level}: &b{level} [*b{below}, *b{below}]\n")
    });
    check_all(vec![
        Case::new("an alias bomb", of(&bomb), is_alias),
        Case::new("an anchor", replaced("summary: ", "summary: &a "), is_alias),
        Case::new("an anchor on a list", replaced("requirements: []", "requirements: &a []"), is_alias),
        Case::new("an anchor on a map", replaced("metadata: {}", "metadata: &a {}"), is_alias),
        Case::new(
            "an alias inside of its own list",
            replaced("requirements: []", "requirements: &a [*a]"),
            is_alias,
        ),
    ]);
    let undefined = read_within_bounds(&field("bindir", "*a"), &Limits::default());
    assert!(undefined.is_err());
}

#[test]
fn what_is_not_yaml_is_refused_with_the_line() {
    check_all(vec![
        Case::new("nothing", of(""), IS_SYNTAX),
        Case::new("a comment", of("# nothing\n"), IS_SYNTAX),
        Case::new("a tab", of("--- !ruby/object:Gem::Specification\nname: a\n\tversion: b\n"), IS_SYNTAX),
        Case::new("an open quote", plus("description: \"never closed\n"), IS_SYNTAX),
        Case::new("not UTF-8", unsummed(b"---\nname: \xff\n", good().data()), IS_SYNTAX)
            .says("invalid YAML syntax at line 2: invalid UTF-8"),
        Case::new("two documents", plus("--- !ruby/object:Gem::Specification\nname: other\n"), IS_SYNTAX),
        Case::new("a key twice", plus("name: other\n"), IS_SYNTAX),
        Case::new("a quoted key twice", plus("\"name\": other\n"), IS_SYNTAX),
        Case::new("a merge key", plus("<<: {name: other}\n"), IS_SYNTAX),
        Case::new("a list as a key", plus("[name]: other\n"), IS_SYNTAX),
        Case::new("a NUL", plus("description: a\0b\n"), IS_SYNTAX),
        Case::new(
            "a line break of YAML 1.1 only",
            plus("description: a # b\u{2028}name: other\n"),
            IS_SYNTAX,
        ),
    ]);
}

#[test]
fn tags_that_no_gemspec_needs_are_refused() {
    let tagged = |tag: &str| replaced("summary: ", &format!("summary: {tag} "));
    check_all(vec![
        Case::new("no gemspec", of("--- just a text\n"), IS_SCHEMA),
        Case::new("no tag", replaced(" !ruby/object:Gem::Specification", ""), IS_SCHEMA),
        Case::new(
            "another object",
            replaced("!ruby/object:Gem::Specification", "!ruby/object:Kernel"),
            IS_SCHEMA,
        ),
        Case::new(
            "a verbatim tag",
            replaced("!ruby/object:Gem::Specification", "!<!ruby/object:Kernel>"),
            IS_SCHEMA,
        ),
        Case::new("Kernel", replaced("metadata: {}", "metadata: !ruby/object:Kernel {}"), IS_SCHEMA),
        Case::new(
            "a hash of a class",
            replaced("metadata: {}", "metadata: !ruby/hash:Gem::Thing {}"),
            IS_SCHEMA,
        ),
        Case::new("a set", replaced("requirements: []", "requirements: !set {a: }"), IS_SCHEMA),
        Case::new("a class", tagged("!ruby/class"), IS_SCHEMA),
        Case::new("a symbol", tagged("!ruby/symbol"), IS_SCHEMA),
        Case::new("an exception", tagged("!ruby/exception:StandardError"), IS_SCHEMA),
        Case::new("a struct", tagged("!ruby/struct:Foo"), IS_SCHEMA),
        Case::new("marshalled bytes", tagged("!ruby/marshalable:Foo"), IS_SCHEMA),
        Case::new("damaged base64", tagged("!binary"), IS_SCHEMA),
        Case::new("a key in base64 that stands there already", plus("!binary bmFtZQ==: other\n"), IS_SCHEMA),
        Case::new("a version that is a list", field("version", "[1, 0, 0]"), IS_SCHEMA),
    ]);
}

#[test]
fn what_the_schema_does_not_know_is_refused_by_name() {
    check_all(vec![
        Case::new("an unknown key", plus("surprise: 1\n"), IS_SCHEMA)
            .says("gemspec validation failed: unexpected key \"surprise\" of Gem::Specification (line 39)"),
        Case::new("no name", replaced("name: \"hola\"\n", ""), IS_SCHEMA)
            .says("gemspec validation failed: missing key \"name\" of Gem::Specification"),
        Case::new(
            "no version",
            replaced("version: !ruby/object:Gem::Version\n  version: \"1.0.0\"\n", ""),
            IS_SCHEMA,
        ),
        Case::new("no summary", replaced("summary: \"The gem hola\"\n", ""), IS_SCHEMA),
        Case::new("no authors", replaced("authors:\n- \"An Author\"\n", ""), IS_SCHEMA),
        Case::new("a number for a name", replaced("name: \"hola\"", "name: 1e3"), IS_SCHEMA),
        Case::new("nothing for a name", replaced("name: \"hola\"", "name: ~"), IS_SCHEMA),
        Case::new("a name without a letter", replaced("name: \"hola\"", "name: \"1\""), IS_SCHEMA).says(
            concat!(
                "gemspec validation failed: ",
                "invalid value for attribute name: \"1\" must include at least one letter"
            ),
        ),
        Case::new("a path for a name", replaced("name: \"hola\"", "name: ../../etc/passwd"), IS_SCHEMA),
        Case::new("a NUL in a name", replaced("name: \"hola\"", "name: \"a\\0b\""), IS_SYNTAX),
        Case::new("a line break in a name", replaced("name: \"hola\"", "name: \"a\\nb\""), IS_SCHEMA),
        Case::new("a leading dash", replaced("name: \"hola\"", "name: -hola"), IS_SCHEMA),
        Case::new("a version that is no version", replaced("\"1.0.0\"", "\"1..0\""), IS_SCHEMA),
        Case::new("a version that Ruby reads as 1.1", replaced("\"1.0.0\"", "1.10"), IS_SCHEMA),
        Case::new("a version with a line break", replaced("\"1.0.0\"", "\"1.0.0\\n\""), IS_SCHEMA),
        Case::new(
            "a required version that Ruby reads as 1.1",
            replaced("version: \"0\"", "version: 1.10"),
            IS_SCHEMA,
        ),
        Case::new("an unknown operator", replaced("\">=\"", "\"=>\""), IS_SCHEMA),
        Case::new("a key of whoever built it", field("signing_key", "/home/me/private.pem"), IS_SCHEMA),
        Case::new("no date", field("date", "yesterday"), IS_SCHEMA),
        Case::new("the 30th of February", field("date", "2024-02-30"), IS_SCHEMA),
        Case::new("a number in metadata", replaced("metadata: {}", "metadata: {a: true}"), IS_SCHEMA)
            .says("gemspec validation failed: metadata['a'] value must be a string (line 14)"),
        Case::new("a list in metadata", replaced("metadata: {}", "metadata: {a: [b]}"), IS_SCHEMA),
        Case::new("no list of dependencies", replaced("dependencies: []", "dependencies: {}"), IS_SCHEMA),
        Case::new("a plain dependency", replaced("dependencies: []", "dependencies: [rack]"), IS_SCHEMA),
    ]);
}

/// A package that `gem build` would refuse with this text.
fn policy(name: &'static str, builder: &GemBuilder, text: &'static str) -> Case {
    Case::new(name, builder.build(), IS_POLICY).says(text)
}

#[test]
fn what_gem_build_refuses_is_refused_in_its_words() {
    check_all(vec![
        policy("no author", &good().authors(&[]), "authors may not be empty"),
        Case::new("no text for a summary", replaced("\"The gem hola\"", "~"), IS_POLICY)
            .says("missing value for attribute summary"),
        Case::new("no text for a version", replaced("\"1.0.0\"", "\"\""), IS_POLICY)
            .says("missing value for attribute version"),
        policy(
            "no code folder",
            &good().field("require_paths", "[]"),
            "specification must have at least one require_path",
        ),
        policy(
            "itself",
            &good().file("hola-1.0.0.gem", b""),
            "hola-1.0.0 contains itself (hola-1.0.0.gem), check your files list",
        ),
        policy(
            "a text for a format",
            &good().field("specification_version", "four"),
            "specification_version must be an Integer (did you mean version?)",
        ),
        policy(
            "this machine's platform",
            &good().platform("current"),
            "invalid platform \"current\", see Gem::Platform",
        ),
        policy(
            "nothing for a licence",
            &good().field("licenses", "[~]"),
            "licenses must be an Array of String",
        ),
        policy(
            "a long licence",
            &good().license(&"x".repeat(65)),
            "each license must be 64 characters or less",
        ),
        policy(
            "a dependency twice",
            &good().dependency("rack", ">= 1").dependency("rack", "< 3"),
            concat!(
                "duplicate dependency on rack (< 3), (>= 1) use:\n",
                "    add_runtime_dependency 'rack', '< 3', '>= 1'"
            ),
        ),
    ]);
}

#[test]
fn metadata_and_links_that_gem_build_refuses_are_refused_in_its_words() {
    let long = "x".repeat(1025);
    check_all(vec![
        policy(
            "a long value",
            &good().metadata("k", &long),
            "metadata['k'] value is too large (1025 > 1024)",
        ),
        policy("a long key", &good().metadata(&long[..129], ""), "metadata key is too large (129 > 128)"),
        policy(
            "a script for a link",
            &good().metadata("wiki_uri", "javascript:alert(1)"),
            "metadata['wiki_uri'] has invalid link: \"javascript:alert(1)\"",
        ),
        policy(
            "a script for a home page",
            &good().homepage("javascript:alert(1)"),
            "\"javascript:alert(1)\" is not a valid HTTP URI",
        ),
    ]);
}

/// A list in YAML of so many entries of so many bytes each.
fn list(entries: usize, bytes: usize) -> String {
    (0..entries).fold(String::new(), |list, entry| list + &format!("\n- \"{entry:0bytes$}\""))
}

#[test]
fn each_attribute_may_be_so_large_and_no_larger() {
    let most = 64 * 1024;
    for attribute in ["bindir", "rubygems_version", "post_install_message"] {
        let of = |bytes: usize| good().field(attribute, &format!("\"{}\"", "x".repeat(bytes))).build();
        read_within_bounds(&of(most), &Limits::default()).expect(attribute);
        let refusal = read_within_bounds(&of(most + 1), &Limits::default()).expect_err(attribute);
        assert_eq!(refusal.to_string(), format!("{attribute} is too large (65537 > 65536 bytes)"));
    }
    for attribute in ["email", "require_paths", "executables", "extensions"] {
        let of = |entries: usize, bytes: usize| good().field(attribute, &list(entries, bytes)).build();
        for fits in [of(1000, 4), of(64, 1024)] {
            read_within_bounds(&fits, &Limits::default()).expect(attribute);
        }
        let refusal = read_within_bounds(&of(1001, 4), &Limits::default()).expect_err(attribute);
        assert_eq!(refusal.to_string(), format!("{attribute} has too many entries (1001 > 1000)"));
        let refusal = read_within_bounds(&of(65, 1024), &Limits::default()).expect_err(attribute);
        assert_eq!(refusal.to_string(), format!("{attribute} is too large (66560 > 65536 bytes)"));
    }
    for attribute in ["authors", "licenses", "requirements"] {
        let of = |entries: usize| good().field(attribute, &list(entries, 4)).build();
        read_within_bounds(&of(1000), &Limits::default()).expect(attribute);
        let refusal = read_within_bounds(&of(1001), &Limits::default()).expect_err(attribute);
        assert_eq!(refusal.to_string(), format!("{attribute} has too many entries (1001 > 1000)"));
    }
}

#[test]
fn addresses_pairs_and_dependencies_may_be_so_large_and_no_larger() {
    let page = |bytes: usize| good().homepage(&format!("http://{}", "x".repeat(bytes - 7)));
    let pairs = |pairs: usize, bytes: usize| {
        let pair = |gem: GemBuilder, number| gem.metadata(&format!("{number:04}"), &"x".repeat(bytes - 4));
        (0..pairs).fold(good(), pair)
    };
    let depends = |gems: usize, bytes: usize| {
        // A version of one byte, and four for its operator.
        let depend = |gem: GemBuilder, number| gem.dependency(&format!("a{number:0$}", bytes - 6), ">= 1");
        (0..gems).fold(good(), depend)
    };
    for fits in [page(64 * 1024), pairs(1000, 4), pairs(64, 1024), depends(1000, 10), depends(64, 1024)] {
        read_within_bounds(&fits.build(), &Limits::default()).expect("it fits");
    }
    check_all(vec![
        policy("a home page", &page(64 * 1024 + 1), "homepage is too large (65537 > 65536 bytes)"),
        policy("pairs", &pairs(1001, 4), "metadata has too many entries (1001 > 1000)"),
        policy("long pairs", &pairs(65, 1024), "metadata is too large (66560 > 65536 bytes)"),
        policy("dependencies", &depends(1001, 10), "dependencies has too many entries (1001 > 1000)"),
        policy("long dependencies", &depends(65, 1024), "dependencies is too large (66560 > 65536 bytes)"),
    ]);
}
