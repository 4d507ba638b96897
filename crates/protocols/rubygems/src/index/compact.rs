use md5::{Digest as _, Md5};
use registry::{IndexChange, IndexedRelease, PackageIndex};

use super::info::{push_version, render};

/// The form of the lines of `/versions`, each with the digest of the gem's `/info`.
#[derive(Debug, Clone, Copy)]
pub struct CompactIndex {
    /// Whether `/info` tells when each release was published.
    pub created_at: bool,
}

impl PackageIndex for CompactIndex {
    fn format(&self) -> &'static str {
        if self.created_at { "v2" } else { "v1" }
    }

    fn line(&self, name: &str, change: &IndexChange<'_>, releases: &[IndexedRelease]) -> String {
        let mut line = format!("{name} ");
        match change {
            IndexChange::Published { number, platform } => push_version(&mut line, number, platform),
            IndexChange::Withdrawn { number, platform } => {
                line.push('-');
                push_version(&mut line, number, platform);
            }
            IndexChange::Listed => push_all(&mut line, releases),
        }
        let digest = Md5::digest(render(releases, self.created_at));
        line.push(' ');
        line.push_str(&hex::encode(digest));
        line
    }
}

fn push_all(line: &mut String, releases: &[IndexedRelease]) {
    for (index, release) in releases.iter().enumerate() {
        if index > 0 {
            line.push(',');
        }
        push_version(line, &release.number, &release.platform);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::info::tests::release;

    fn digest(releases: &[IndexedRelease], created_at: bool) -> String {
        hex::encode(Md5::digest(render(releases, created_at)))
    }

    #[test]
    fn a_push_names_the_version_and_the_digest_after_it() {
        let releases = [release("a", "1.0.0", "ruby"), release("a", "1.0.0", "java")];
        let line = |platform| {
            let change = IndexChange::Published { number: "1.0.0", platform };
            CompactIndex { created_at: true }.line("a", &change, &releases)
        };
        assert_eq!(line("ruby"), format!("a 1.0.0 {}", digest(&releases, true)));
        assert_eq!(line("java"), format!("a 1.0.0-java {}", digest(&releases, true)));
    }

    #[test]
    fn a_yank_of_the_only_version_has_the_digest_of_the_empty_document() {
        let change = IndexChange::Withdrawn { number: "1.0.0", platform: "ruby" };
        let line = CompactIndex { created_at: true }.line("a", &change, &[]);
        assert_eq!(line, "a -1.0.0 6105347ebb9825ac754615ca55ff3b0c");
        let change = IndexChange::Withdrawn { number: "1.0.0", platform: "java" };
        let line = CompactIndex { created_at: true }.line("a", &change, &[]);
        assert_eq!(line, "a -1.0.0-java 6105347ebb9825ac754615ca55ff3b0c");
    }

    #[test]
    fn a_new_list_names_all_versions_in_one_line() {
        let releases =
            [release("a", "0.1", "ruby"), release("a", "0.2", "x86-mingw32"), release("a", "0.0.1", "ruby")];
        let line = CompactIndex { created_at: false }.line("a", &IndexChange::Listed, &releases);
        assert_eq!(line, format!("a 0.1,0.2-x86-mingw32,0.0.1 {}", digest(&releases, false)));
    }

    #[test]
    fn the_form_depends_on_what_the_digests_cover() {
        assert_eq!(CompactIndex { created_at: true }.format(), "v2");
        assert_eq!(CompactIndex { created_at: false }.format(), "v1");
    }
}
