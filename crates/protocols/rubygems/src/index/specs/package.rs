use gem_format::{Version, index::entry};
use registry::GemVersion;

use super::SpecsList;

/// The live releases of one gem, kept small: there may be a million of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Package {
    name: Box<str>,
    /// A line `NUMBER PLATFORM` for each release that is no prerelease, the lowest version first.
    released: Box<str>,
    /// The same for prereleases.
    prereleases: Box<str>,
}

impl Package {
    /// The package of these releases, in any order; none if there are none.
    pub(super) fn new(mut live: Vec<GemVersion>) -> Option<Self> {
        let name = live.first()?.name.as_str().into();
        // What cannot be read as a version was never published; it would come first.
        live.sort_by_cached_key(|release| {
            (Version::parse(&release.number).ok(), release.platform.clone(), release.number.clone())
        });
        let lines = |prerelease: bool| {
            let lines = live.iter().filter(|release| release.prerelease == prerelease);
            let words = lines.flat_map(|release| [&release.number, " ", &release.platform, "\n"]);
            words.collect::<String>().into()
        };
        Some(Self { name, released: lines(false), prereleases: lines(true) })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Appends the entries of this gem in an index. Returns how many there are. If `first`, the first one begins the index.
    pub(super) fn write(&self, out: &mut Vec<u8>, list: SpecsList, first: bool) -> usize {
        let mut count = 0;
        let mut add = |(number, platform): (&str, &str)| {
            entry(out, first && count == 0, &self.name, number, platform);
            count += 1;
        };
        match list {
            SpecsList::Released => releases(&self.released).for_each(&mut add),
            SpecsList::Prerelease => releases(&self.prereleases).for_each(&mut add),
            SpecsList::Latest => {
                let mut latest: Vec<(&str, &str)> = Vec::new();
                for release in releases(&self.released) {
                    latest.retain(|(_, platform)| *platform != release.1);
                    latest.push(release);
                }
                latest.into_iter().for_each(&mut add);
            }
        }
        count
    }
}

/// Number and platform of each line.
fn releases(lines: &str) -> impl Iterator<Item = (&str, &str)> {
    lines.lines().filter_map(|line| line.split_once(' '))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A version as the records hold it.
    pub(in crate::index::specs) fn version(name: &str, number: &str, platform: &str) -> GemVersion {
        GemVersion {
            name: name.to_owned(),
            number: number.to_owned(),
            platform: platform.to_owned(),
            prerelease: number.contains(char::is_alphabetic),
        }
    }

    fn package(releases: &[(&str, &str)]) -> Package {
        let live = releases.iter().map(|(number, platform)| version("a", number, platform));
        Package::new(live.collect()).unwrap()
    }

    fn bytes(list: SpecsList, package: &Package) -> (usize, Vec<u8>) {
        let mut out = Vec::new();
        (package.write(&mut out, list, false), out)
    }

    fn entries(expected: &[(&str, &str)]) -> (usize, Vec<u8>) {
        let mut out = Vec::new();
        for (number, platform) in expected {
            entry(&mut out, false, "a", number, platform);
        }
        (expected.len(), out)
    }

    #[test]
    fn versions_rise_by_their_own_order() {
        let package = package(&[("1.9", "ruby"), ("1.10", "ruby"), ("1.10", "java"), ("0.2", "ruby")]);
        let expected = entries(&[("0.2", "ruby"), ("1.9", "ruby"), ("1.10", "java"), ("1.10", "ruby")]);
        assert_eq!(bytes(SpecsList::Released, &package), expected);
        assert_eq!(bytes(SpecsList::Prerelease, &package), entries(&[]));
    }

    #[test]
    fn the_latest_are_the_highest_of_each_platform() {
        let package = package(&[
            ("2.0", "ruby"),
            ("2.1", "ruby"),
            ("1.0", "java"),
            ("1.5", "java"),
            ("3.0.pre", "ruby"),
        ]);
        assert_eq!(bytes(SpecsList::Latest, &package), entries(&[("1.5", "java"), ("2.1", "ruby")]));
        assert_eq!(bytes(SpecsList::Prerelease, &package), entries(&[("3.0.pre", "ruby")]));
    }

    #[test]
    fn a_gem_without_live_releases_is_none() {
        assert_eq!(Package::new(Vec::new()), None);
    }
}
