//! Platforms, normalised as `Gem::Platform.new` does.

use serde::{Deserialize, Serialize};

/// The kind of machine a release is built for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Platform {
    /// As in the gemspec; `ruby` if it names none. File names, the compact index and yank requests use this one.
    pub original: String,
    /// As `RubyGems` normalises it, for example `x86-linux` for `i686-linux-gnu`.
    pub resolved: String,
}

/// The three parts of a normalised platform; any may be missing, but only `RubyGems`' own oddities lack the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlatformParts {
    pub(crate) cpu: Option<String>,
    pub(crate) os: String,
    pub(crate) version: Option<String>,
}

impl Platform {
    /// The platform of a release that runs anywhere.
    pub const RUBY: &'static str = "ruby";

    /// Normalises a platform text. Every text has a platform; those `RubyGems` does not know are `unknown`.
    pub fn new(original: &str) -> Self {
        let original = if original.is_empty() { Self::RUBY } else { original };
        let resolved =
            PlatformParts::of(original).map_or_else(|| Self::RUBY.to_owned(), |parts| parts.join());
        Self { original: original.to_owned(), resolved }
    }

    /// Whether the release runs anywhere.
    pub fn is_ruby(&self) -> bool {
        self.original == Self::RUBY
    }
}

impl Default for Platform {
    fn default() -> Self {
        Self::new(Self::RUBY)
    }
}

impl PlatformParts {
    /// The parts of a platform text, or none for `ruby`.
    pub(crate) fn of(original: &str) -> Option<Self> {
        if original.is_empty() || original == Platform::RUBY {
            return None;
        }
        let mut parts = split(original).into_iter();
        let cpu = parts.next().map(normalise_cpu);
        let rest: Vec<String> = parts.collect();
        if let [os, version] = rest.as_slice()
            && is_number(version)
        {
            return Some(Self { cpu, os: os.clone(), version: Some(version.clone()) });
        }
        Some(match rest.into_iter().next() {
            Some(os) => Self::of_os(cpu, &os),
            // A single word, as old JRuby wrote it, is the operating system.
            None => Self::of_os(None, &cpu.unwrap_or_default()),
        })
    }

    fn of_os(cpu: Option<String>, os: &str) -> Self {
        let (name, version) = normalise_os(os);
        let cpu =
            cpu.or_else(|| (name.starts_with("mswin") && name.ends_with("32")).then(|| "x86".to_owned()));
        Self { cpu, os: name, version }
    }

    fn join(&self) -> String {
        let parts = [self.cpu.as_deref(), Some(&self.os), self.version.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join("-")
    }
}

/// Cuts at dashes, but keeps `linux-gnu` together: a third part without a digit belongs to the second.
fn split(original: &str) -> Vec<String> {
    let mut parts: Vec<String> = original.split('-').map(str::to_owned).collect();
    while parts.last().is_some_and(String::is_empty) {
        parts.pop();
    }
    if parts.len() > 2
        && let Some(last) = parts.pop_if(|last| !last.bytes().any(|byte| byte.is_ascii_digit()))
        && let Some(previous) = parts.last_mut()
    {
        previous.push('-');
        previous.push_str(&last);
    }
    parts
}

/// `i386`, `i486` … are `x86`.
fn normalise_cpu(cpu: String) -> String {
    let is_x86 = cpu
        .as_bytes()
        .windows(4)
        .any(|window| window[0] == b'i' && window[1].is_ascii_digit() && &window[2..] == b"86");
    if is_x86 { "x86".to_owned() } else { cpu }
}

/// The table of operating systems, in `RubyGems`' order: the first row that matches wins.
fn normalise_os(os: &str) -> (String, Option<String>) {
    let named = |name: &str, version: Option<&str>| (name.to_owned(), version.map(str::to_owned));
    if let Some(rest) = after(os, "aix") {
        named("aix", digits(rest))
    } else if os.contains("cygwin") {
        named("cygwin", None)
    } else if let Some(rest) = after(os, "darwin") {
        named("darwin", digits(rest))
    } else if os == "macruby" {
        named("macruby", None)
    } else if let Some((name, rest)) = first_of(os, &["freebsd", "hpux"]) {
        named(name, digits(rest))
    } else if os == "jruby" || os == "java" {
        named("java", None)
    } else if let Some(rest) = os.strip_prefix("java") {
        named("java", Some(dotted(rest)))
    } else if is_dalvik(os) {
        named("dalvik", digits(&os["dalvik".len()..]))
    } else if os == "dotnet" {
        named("dotnet", None)
    } else if let Some(rest) = os.strip_prefix("dotnet") {
        named("dotnet", Some(dotted(rest)))
    } else {
        normalise_linux_or_windows(os)
    }
}

fn normalise_linux_or_windows(os: &str) -> (String, Option<String>) {
    let named = |name: &str, version: Option<&str>| (name.to_owned(), version.map(str::to_owned));
    if let Some(rest) = after(os, "linux") {
        let flavour = rest.strip_prefix('-').unwrap_or(rest);
        named("linux", word(flavour).filter(|flavour| !flavour.starts_with("gnu")))
    } else if os.contains("mingw32") {
        named("mingw32", None)
    } else if let Some(rest) = after(os, "mingw") {
        named("mingw", word(rest.strip_prefix('-').unwrap_or(rest)))
    } else if let Some((name, version)) = mswin(os) {
        named(&name, version)
    } else if os.contains("netbsdelf") {
        named("netbsdelf", None)
    } else if let Some((name, rest)) = first_of(os, &["openbsd", "bitrig", "solaris"]) {
        named(name, decimal(rest))
    } else {
        named_platform(os).unwrap_or_else(|| named("unknown", None))
    }
}

/// What follows the first occurrence of a word.
fn after<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.split_once(name).map(|(_, rest)| rest)
}

/// The first of these names (by their order) that occurs, and what follows it.
fn first_of<'a>(text: &'a str, names: &[&'static str]) -> Option<(&'static str, &'a str)> {
    names.iter().find_map(|name| after(text, name).map(|rest| (*name, rest)))
}

/// The longest beginning of which every character is allowed.
fn leading(text: &str, allowed: fn(char) -> bool) -> &str {
    text.find(|c| !allowed(c)).map_or(text, |end| &text[..end])
}

fn digits(text: &str) -> Option<&str> {
    Some(leading(text, |c| c.is_ascii_digit())).filter(|digits| !digits.is_empty())
}

fn word(text: &str) -> Option<&str> {
    Some(leading(text, |c| c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

fn dotted(text: &str) -> &str {
    leading(text, |c| c.is_ascii_digit() || c == '.')
}

/// Digits, a dot and digits at the beginning.
fn decimal(text: &str) -> Option<&str> {
    let whole = digits(text)?;
    let fraction = digits(text[whole.len()..].strip_prefix('.')?)?;
    Some(&text[..whole.len() + 1 + fraction.len()])
}

/// Digits, perhaps with one dot among them, and nothing else.
fn is_number(text: &str) -> bool {
    digits(text) == Some(text) || decimal(text) == Some(text)
}

/// `dalvik` or `dalvik` and digits, and nothing else.
fn is_dalvik(os: &str) -> bool {
    os.strip_prefix("dalvik").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `mswin32`, `mswin64` and the version after an underscore.
fn mswin(os: &str) -> Option<(String, Option<&str>)> {
    let (bits, rest) = os
        .match_indices("mswin")
        .map(|(start, name)| &os[start + name.len()..])
        .find_map(|rest| digits(rest).map(|bits| (bits, &rest[bits.len()..])))?;
    Some((format!("mswin{bits}"), rest.strip_prefix('_').and_then(digits)))
}

/// A word that ends in `_platform`, and the digits behind it.
fn named_platform(os: &str) -> Option<(String, Option<String>)> {
    const SUFFIX: &str = "_platform";
    let run = word(os)?;
    let start = run.rfind(SUFFIX).filter(|start| *start > 0)?;
    let (name, rest) = os.split_at(start + SUFFIX.len());
    Some((name.to_owned(), digits(rest).map(str::to_owned)))
}
