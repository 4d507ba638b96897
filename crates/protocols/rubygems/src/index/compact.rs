use std::cmp::Reverse;

use domain::ReleaseId;
use gem_format::{Platform, Version};
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
    /// Grows, too, with what is kept beside the lines: since 3 the latest release of each gem.
    fn format(&self) -> &'static str {
        if self.created_at { "v3 created_at" } else { "v3" }
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

    /// The newest version for every platform, else the newest for another, else the newest prerelease.
    fn latest(&self, live: &[IndexedRelease]) -> Option<ReleaseId> {
        let rank = |release: &IndexedRelease| {
            let is_ruby = !release.prerelease && release.platform == Platform::RUBY;
            (Reverse(release.prerelease), is_ruby, Version::parse(&release.number).ok())
        };
        Some(live.iter().max_by_key(|release| rank(release))?.id)
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
        assert_eq!(CompactIndex { created_at: true }.format(), "v3 created_at");
        assert_eq!(CompactIndex { created_at: false }.format(), "v3");
    }

    #[test]
    fn the_newest_version_for_every_platform_stands_for_a_gem() {
        let latest = |releases: &[(&str, &str)]| {
            let live: Vec<_> =
                releases.iter().map(|(number, platform)| release("a", number, platform)).collect();
            let latest = CompactIndex { created_at: true }.latest(&live)?;
            live.into_iter()
                .find(|release| release.id == latest)
                .map(|r| format!("{} {}", r.number, r.platform))
        };
        let all =
            [("2.0.rc1", "ruby"), ("1.9", "java"), ("1.10.0", "ruby"), ("1.2", "ruby"), ("1.9.b", "java")];
        assert_eq!(latest(&all).as_deref(), Some("1.10.0 ruby"));
        assert_eq!(latest(&all[..2]).as_deref(), Some("1.9 java"));
        assert_eq!(latest(&[all[4], all[0]]).as_deref(), Some("2.0.rc1 ruby"));
        assert_eq!(latest(&[]), None);
    }
}
