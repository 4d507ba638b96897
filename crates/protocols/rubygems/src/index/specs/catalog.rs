use bytes::Bytes;
use gem_format::index::header;

use super::{
    SpecsList,
    gzip::{Member, Piece},
    package::Package,
};

/// Packages in a chunk; one that grows beyond it is split.
const CHUNK: usize = 512;

/// All packages with live releases by name, in chunks like the leaves of a B-tree, with what was packed of each chunk.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    /// By name. None is empty.
    chunks: Vec<Chunk>,
}

/// Packages next to each other.
#[derive(Debug, Default)]
struct Chunk {
    /// By name.
    packages: Vec<Package>,
    /// For each index what was packed since the last change.
    packed: [Option<Packed>; SpecsList::COUNT],
}

/// The entries of a chunk in one index.
#[derive(Debug, Clone)]
struct Packed {
    count: usize,
    piece: Piece,
}

impl Catalog {
    /// The catalog of these packages, which come in the order of their names.
    pub(super) fn new(packages: impl Iterator<Item = Package>) -> Self {
        let mut catalog = Self::default();
        for package in packages {
            match catalog.chunks.last_mut() {
                // Half full: there is room for new names between these.
                Some(last) if last.packages.len() < CHUNK / 2 => last.packages.push(package),
                _ => catalog.chunks.push(Chunk::of(vec![package])),
            }
        }
        catalog
    }

    /// Adds a package, or replaces the one with its name.
    pub(super) fn insert(&mut self, package: Package) {
        let index = self.chunk_of(package.name());
        let Some(chunk) = self.chunks.get_mut(index) else {
            self.chunks.push(Chunk::of(vec![package]));
            return;
        };
        match chunk.find(package.name()) {
            Ok(found) => chunk.packages[found] = package,
            Err(place) => chunk.packages.insert(place, package),
        }
        chunk.packed = Default::default();
        if chunk.packages.len() > CHUNK {
            let rest = chunk.packages.split_off(CHUNK / 2);
            self.chunks.insert(index + 1, Chunk::of(rest));
        }
    }

    /// Takes the package with this name away, if there is one.
    pub(super) fn remove(&mut self, name: &str) {
        let index = self.chunk_of(name);
        let Some(chunk) = self.chunks.get_mut(index) else { return };
        let Ok(found) = chunk.find(name) else { return };
        chunk.packages.remove(found);
        chunk.packed = Default::default();
        if chunk.packages.is_empty() {
            self.chunks.remove(index);
        }
    }

    /// One index as gzip. Packs only what changed since the last time.
    pub(super) fn gzip(&mut self, list: SpecsList) -> Vec<Bytes> {
        let total = self.chunks.iter_mut().map(|chunk| chunk.pack(list).count).sum();
        let mut filled = self.chunks.iter_mut().filter_map(|chunk| {
            let packed = chunk.pack(list).clone();
            (packed.count > 0).then_some((chunk, packed.piece))
        });
        let mut member = Member::new();
        let mut plain = header(total);
        // The first entry is written otherwise than all others, so its chunk is packed together with the header.
        if let Some((first, _)) = filled.next() {
            first.write(&mut plain, list, true);
        }
        member.push(&Piece::new(&plain));
        for (_, piece) in filled {
            member.push(&piece);
        }
        member.finish()
    }

    /// All names, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.chunks.iter().flat_map(|chunk| &chunk.packages).map(Package::name)
    }

    /// The chunk that has the name, or should have it: the last one that begins at or before it.
    fn chunk_of(&self, name: &str) -> usize {
        self.chunks.partition_point(|chunk| chunk.packages[0].name() <= name).saturating_sub(1)
    }
}

impl Chunk {
    fn of(packages: Vec<Package>) -> Self {
        Self { packages, packed: Default::default() }
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.packages.binary_search_by(|package| package.name().cmp(name))
    }

    fn pack(&mut self, list: SpecsList) -> &Packed {
        let packed = self.packed[list.index()].take().unwrap_or_else(|| {
            let mut plain = Vec::new();
            let count = self.write(&mut plain, list, false);
            Packed { count, piece: Piece::new(&plain) }
        });
        self.packed[list.index()].insert(packed)
    }

    /// Appends the entries of all packages. Returns how many there are. If `first`, the first one begins the index.
    fn write(&self, out: &mut Vec<u8>, list: SpecsList, first: bool) -> usize {
        let mut count = 0;
        for package in &self.packages {
            count += package.write(out, list, first && count == 0);
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, io::Read as _};

    use flate2::read::GzDecoder;
    use gem_format::{Version, index::entry};
    use proptest::prelude::*;

    use super::*;
    use crate::index::specs::package::tests::version;

    /// Numbers and platforms by name: what the catalog should hold.
    type Model = BTreeMap<String, Vec<(String, String)>>;

    fn package(name: &str, releases: &[(String, String)]) -> Option<Package> {
        Package::new(releases.iter().map(|(number, platform)| version(name, number, platform)).collect())
    }

    fn gunzip(segments: &[Bytes]) -> Vec<u8> {
        let joined = segments.concat();
        let (mut decoder, mut plain) = (GzDecoder::new(joined.as_slice()), Vec::new());
        decoder.read_to_end(&mut plain).unwrap();
        plain
    }

    /// The index written in one go, by the plainest means.
    fn from_scratch(model: &Model, list: SpecsList) -> Vec<u8> {
        let mut entries = Vec::new();
        for (name, releases) in model {
            let mut releases: Vec<_> = releases
                .iter()
                .filter(|(number, _)| number.contains("pre") == (list == SpecsList::Prerelease))
                .map(|(number, platform)| (Version::parse(number).unwrap(), platform))
                .collect();
            releases.sort();
            let highest: BTreeMap<_, _> =
                releases.iter().map(|(version, platform)| (*platform, version.clone())).collect();
            releases
                .retain(|(version, platform)| list != SpecsList::Latest || highest[*platform] == *version);
            entries.extend(releases.into_iter().map(|(version, platform)| (name, version, platform)));
        }
        let mut plain = header(entries.len());
        for (index, (name, version, platform)) in entries.iter().enumerate() {
            entry(&mut plain, index == 0, name, version.as_str(), platform);
        }
        plain
    }

    fn assert_same(catalog: &mut Catalog, model: &Model) {
        for list in SpecsList::ALL {
            assert_eq!(gunzip(&catalog.gzip(list)), from_scratch(model, list), "{list:?}");
        }
        let live = model.iter().filter(|(_, releases)| !releases.is_empty());
        assert!(catalog.names().eq(live.map(|(name, _)| name)));
    }

    /// One release appears or goes.
    fn toggle(catalog: &mut Catalog, model: &mut Model, name: &str, number: &str, platform: &str) {
        let release = (number.to_owned(), platform.to_owned());
        let releases = model.entry(name.to_owned()).or_default();
        match releases.iter().position(|known| *known == release) {
            Some(index) => drop(releases.remove(index)),
            None => releases.push(release),
        }
        match package(name, releases) {
            Some(package) => catalog.insert(package),
            None => catalog.remove(name),
        }
    }

    proptest! {
        #[test]
        fn after_any_pushes_and_yanks_it_equals_an_index_from_scratch(
            changes in prop::collection::vec(
                ("[a-d]{1,2}", prop::sample::select(vec!["0.9", "1.0", "1.10", "1.9", "2.0.pre1"]),
                    prop::sample::select(vec!["ruby", "java"])),
                0..80,
            ),
        ) {
            let (mut catalog, mut model) = (Catalog::default(), Model::new());
            for (index, (name, number, platform)) in changes.iter().enumerate() {
                toggle(&mut catalog, &mut model, name, number, platform);
                if index % 7 == 0 {
                    assert_same(&mut catalog, &model);
                }
            }
            assert_same(&mut catalog, &model);
        }
    }

    fn many() -> Model {
        (0..3000).map(|n| (format!("gem-{n:05}"), vec![("1.0".to_owned(), "ruby".to_owned())])).collect()
    }

    fn catalog_of(model: &Model) -> Catalog {
        Catalog::new(model.iter().filter_map(|(name, releases)| package(name, releases)))
    }

    #[test]
    fn chunks_are_split_as_they_grow_and_go_when_they_are_empty() {
        let mut model = many();
        let mut catalog = catalog_of(&model);
        for n in 0..2000 {
            toggle(&mut catalog, &mut model, &format!("gem-00100-{n}"), "1.0", "ruby");
        }
        assert_same(&mut catalog, &model);
        assert!(catalog.chunks.iter().all(|chunk| chunk.packages.len() <= CHUNK));
        for name in model.keys().cloned().collect::<Vec<_>>() {
            toggle(&mut catalog, &mut model, &name, "1.0", "ruby");
        }
        assert_same(&mut catalog, &model);
        assert!(catalog.chunks.is_empty());
    }

    #[test]
    fn a_change_touches_one_chunk() {
        let mut model = many();
        let mut catalog = catalog_of(&model);
        assert_same(&mut catalog, &model);
        toggle(&mut catalog, &mut model, "gem-01500", "2.0", "ruby");
        let dirty = catalog.chunks.iter().filter(|chunk| chunk.packed.iter().any(Option::is_none));
        assert_eq!(dirty.count(), 1);
        assert_same(&mut catalog, &model);
    }

    #[test]
    fn the_first_gem_may_come_and_go() {
        let (mut catalog, mut model) = (Catalog::default(), Model::new());
        assert_same(&mut catalog, &model);
        for name in ["m", "z", "a", "a", "m", "z"] {
            toggle(&mut catalog, &mut model, name, "1.0", "ruby");
            assert_same(&mut catalog, &model);
        }
    }
}
