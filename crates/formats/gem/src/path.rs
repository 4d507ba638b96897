//! Paths inside `data.tar.gz`, and whether unpacking them would stay inside of the gem's folder.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::refusal::ContentsFault;

/// What has been seen so far: where symbolic links lie, as hashes, so that memory stays small.
#[derive(Default)]
pub(crate) struct Paths {
    links: HashSet<u64>,
    hasher: RandomState,
}

impl Paths {
    /// A file or a folder must lie inside, and not behind a link: the link may lead elsewhere than its path says.
    pub(crate) fn file(&mut self, path: &[u8]) -> Result<(), ContentsFault> {
        let components = resolve(&[], path).ok_or_else(|| traversal(path))?;
        let ancestors = components.len().saturating_sub(1);
        if self.prefixes(&components).take(ancestors).any(|prefix| self.links.contains(&prefix)) {
            return Err(ContentsFault::ThroughLink { path: readable(path) });
        }
        Ok(())
    }

    /// A symbolic link must lie inside and point inside.
    pub(crate) fn symbolic_link(&mut self, path: &[u8], target: &[u8]) -> Result<(), ContentsFault> {
        self.file(path)?;
        let components = resolve(&[], path).ok_or_else(|| traversal(path))?;
        let folder = components.split_last().map_or(&[][..], |(_, folder)| folder);
        if climbs_late(target) || resolve(folder, target).is_none() {
            return Err(outside(path, target));
        }
        let link = self.prefixes(&components).last();
        self.links.extend(link);
        Ok(())
    }

    /// A hard link names another entry by its path from the top.
    pub(crate) fn hard_link(&mut self, path: &[u8], target: &[u8]) -> Result<(), ContentsFault> {
        self.file(path)?;
        self.file(target).map_err(|_| outside(path, target))
    }

    /// The hash of the first component, of the first two, and so on.
    fn prefixes(&self, components: &[&[u8]]) -> impl Iterator<Item = u64> {
        let mut hasher = self.hasher.build_hasher();
        components.iter().map(move |component| {
            hasher.write_usize(component.len());
            hasher.write(component);
            hasher.finish()
        })
    }
}

/// Follows a path from a folder, by its text alone. None if it is absolute or goes above the top on its way.
///
/// Backslashes count as slashes, as they do where `RubyGems` runs on Windows.
fn resolve<'a>(folder: &[&'a [u8]], path: &'a [u8]) -> Option<Vec<&'a [u8]>> {
    let is_absolute =
        matches!(path, [b'/' | b'\\', ..] | [b'a'..=b'z' | b'A'..=b'Z', b':', b'/' | b'\\', ..]);
    if is_absolute || path.contains(&0) {
        return None;
    }
    let mut components = folder.to_vec();
    for component in components_of(path) {
        match component {
            b"" | b"." => {}
            b".." => {
                components.pop()?;
            }
            name => components.push(name),
        }
    }
    Some(components)
}

fn components_of(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| matches!(byte, b'/' | b'\\'))
}

/// Whether `..` comes after a name: if that name is a link, the text does not tell where the path leads.
fn climbs_late(target: &[u8]) -> bool {
    components_of(target)
        .skip_while(|component| matches!(*component, b"" | b"." | b".."))
        .any(|part| part == b"..")
}

fn traversal(path: &[u8]) -> ContentsFault {
    ContentsFault::Traversal { path: readable(path) }
}

fn outside(path: &[u8], target: &[u8]) -> ContentsFault {
    ContentsFault::LinkOutside { path: readable(path), target: readable(target) }
}

fn readable(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_may_be_replaced_but_not_walked_through() {
        let mut paths = Paths::default();
        paths.symbolic_link(b"lib/a", b"b").expect("inside");
        paths.file(b"lib/a").expect("the link itself");
        paths.file(b"lib/ab/c").expect("another folder");
        let behind = ContentsFault::ThroughLink { path: "./lib//a/c".to_owned() };
        assert_eq!(paths.file(b"./lib//a/c"), Err(behind));
    }

    #[test]
    fn a_path_is_followed_by_its_text() {
        let resolved = |path| resolve(&[b"lib"], path).map(|parts| parts.join(&b'/'));
        assert_eq!(resolved(b"a/./b//c/".as_slice()), Some(b"lib/a/b/c".to_vec()));
        assert_eq!(resolved(b"../a"), Some(b"a".to_vec()));
        assert_eq!(resolved(b"../../a"), None);
        assert_eq!(resolved(b"/a"), None);
        assert_eq!(resolved(b"a\0b"), None);
    }
}
