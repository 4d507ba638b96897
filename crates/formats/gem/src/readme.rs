//! The text that a gem introduces itself with.

/// Endings of a readme, the best first.
const ENDINGS: [&str; 5] = [".md", ".markdown", ".rdoc", ".txt", ""];

/// The readme of a gem: a text file in the top folder of its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readme {
    /// The name of the file; its ending tells how it is written.
    pub name: String,
    /// The text.
    pub text: String,
}

/// The name of a readme that lies at this path, and how good it is: the lower, the better.
pub(crate) fn readme_at(path: &[u8]) -> Option<(usize, String)> {
    let name = std::str::from_utf8(path.strip_prefix(b"./").unwrap_or(path)).ok()?;
    let ending = name.to_ascii_lowercase().strip_prefix("readme")?.to_owned();
    let rank = ENDINGS.iter().position(|known| *known == ending)?;
    Some((rank, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_readme_lies_in_the_top_folder_and_has_a_known_ending() {
        for (path, rank) in
            [("README.md", 0), ("./Readme.markdown", 1), ("readme.rdoc", 2), ("README.TXT", 3), ("README", 4)]
        {
            assert_eq!(readme_at(path.as_bytes()).map(|(rank, _)| rank), Some(rank), "{path}");
        }
        for path in
            ["doc/README.md", "README.html", "README.md.erb", "READMEs.md", "lib/a.rb", "../README.md"]
        {
            assert_eq!(readme_at(path.as_bytes()), None, "{path}");
        }
    }
}
