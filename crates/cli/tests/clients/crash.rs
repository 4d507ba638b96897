//! What survives when the process is killed, and when many push the same thing at once.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Duration;

use md5::Md5;
use sha2::{Digest, Sha256};

use crate::harness::{Answer, Home, Keyward, get, post};

/// How often the server is killed in one test.
const KILLS: usize = 8;
/// How many clients push at the same time.
const PUSHERS: usize = 3;
/// Builds many gems in one process; each holds other bytes, enough of them for a kill to hit one on its way.
const BUILD: &str = r#"
require "fileutils"
require "rubygems/package"
require "securerandom"
Gem::DefaultUserInteraction.ui = Gem::SilentUI.new
PATHS.each do |path|
  folder, name, version = path.split("/")
  FileUtils.mkdir_p(folder)
  Dir.chdir(folder) do
    File.binwrite("noise", SecureRandom.random_bytes(50_000))
    Gem::Package.build(Gem::Specification.new { |s|
      s.name, s.version, s.summary, s.authors, s.files = name, version, "Noise", ["Alice"], ["noise"]
    }, true)
  end
end
"#;

/// A gem to push, and what is known of it from outside.
#[derive(Clone)]
struct Upload {
    name: String,
    version: String,
    bytes: Vec<u8>,
}

impl Upload {
    fn digest(&self) -> String {
        hex::encode(Sha256::digest(&self.bytes))
    }

    /// Sends the gem. An error means that no answer came.
    fn push(&self, host: &str, key: &str) -> Result<Answer, ureq::Error> {
        let headers = [("Authorization", key), ("Content-Type", "application/octet-stream")];
        post(&format!("{host}/api/v1/gems"), &headers, &self.bytes)
    }
}

/// Builds one gem for each `FOLDER/NAME/VERSION`.
fn build(server: &Keyward, paths: &[String]) -> Vec<Upload> {
    let home = Home::new(server);
    home.ruby(&format!("PATHS = %w[{}]\n{BUILD}", paths.join(" "))).succeeded();
    paths.iter().map(|path| read(home.path(), path)).collect()
}

fn read(home: &Path, path: &str) -> Upload {
    let [folder, name, version] = path.split('/').collect::<Vec<_>>()[..] else {
        panic!("three parts: {path}")
    };
    let file = home.join(folder).join(format!("{name}-{version}.gem"));
    let bytes = std::fs::read(file).expect("the gem was built");
    Upload { name: name.to_owned(), version: version.to_owned(), bytes }
}

/// What happened to the uploads of a test.
#[derive(Default)]
struct Pushes {
    waiting: Vec<Upload>,
    answered: Vec<Upload>,
    unanswered: Vec<Upload>,
}

/// Pushes one upload after the other until there is none left or the server is gone.
fn push_until_the_end(host: &str, key: &str, pushes: &Mutex<Pushes>) {
    let lock = || pushes.lock().expect("no other pusher has panicked");
    loop {
        let Some(upload) = lock().waiting.pop() else { return };
        let Ok(answer) = upload.push(host, key) else {
            lock().unanswered.push(upload);
            return;
        };
        assert_eq!(answer.status, 200, "{} {}: {}", upload.name, upload.version, answer.text());
        lock().answered.push(upload);
    }
}

/// Lets several clients push, and kills the server at a random instant in the midst of it.
fn push_and_kill(server: &mut Keyward, key: &str, pushes: &Mutex<Pushes>) {
    let host = server.gems();
    thread::scope(|scope| {
        for _ in 0..PUSHERS {
            scope.spawn(|| push_until_the_end(&host, key, pushes));
        }
        let instant = RandomState::new().hash_one("instant") % 250;
        thread::sleep(Duration::from_millis(20 + instant));
        server.kill();
    });
}

/// The compact index, as a client reads it.
struct Index {
    /// The versions of each gem and the digest of its `/info`, from `/versions`.
    versions: HashMap<String, (Vec<String>, String)>,
    host: String,
}

impl Index {
    fn read(host: &str) -> Self {
        let answer = get(&format!("{host}/versions")).expect("the server is there");
        assert_eq!(answer.status, 200, "{}", answer.text());
        let mut versions: HashMap<String, (Vec<String>, String)> = HashMap::new();
        for line in answer.text().lines().skip_while(|line| *line != "---").skip(1) {
            let [name, numbers, digest] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let known = versions.entry(name.to_owned()).or_default();
            known.0.extend(numbers.split(',').map(str::to_owned));
            digest.clone_into(&mut known.1);
        }
        Self { versions, host: host.to_owned() }
    }

    /// Demands that the digest in `/versions` is the one of `/info`, for each gem.
    fn agrees_with_itself(&self) {
        for (name, (numbers, digest)) in &self.versions {
            let info = get(&format!("{}/info/{name}", self.host)).expect("the server is there");
            assert_eq!(&hex::encode(Md5::digest(&info.body)), digest, "/info/{name}:\n{}", info.text());
            let lines = info.text().lines().filter(|line| *line != "---").count();
            assert_eq!(lines, numbers.len(), "/versions has {numbers:?}, /info/{name}:\n{}", info.text());
        }
    }

    /// Returns whether a gem is there: listed in `/versions`, described in `/info` and to be downloaded, with the right digest.
    /// Half of it is a failure.
    fn holds(&self, upload: &Upload) -> bool {
        let Upload { name, version, .. } = upload;
        let listed = self.versions.get(name).is_some_and(|(numbers, _)| numbers.contains(version));
        let info = get(&format!("{}/info/{name}", self.host)).expect("the server is there").text();
        let described = info.lines().any(|line| {
            line.starts_with(&format!("{version} "))
                && line.contains(&format!("checksum:{}", upload.digest()))
        });
        let file = get(&format!("{}/gems/{name}-{version}.gem", self.host)).expect("the server is there");
        let stored = file.status == 200;
        assert!(!stored || file.body == upload.bytes, "{name} {version} was stored with other bytes");
        assert!(
            listed == described && described == stored,
            "{name} {version} is half there: in /versions {listed}, in /info {described}, to download {stored}"
        );
        stored
    }
}

#[test]
fn a_killed_server_keeps_every_answered_push_whole_and_none_by_half() {
    let mut server = Keyward::start();
    server.add_account("alice");
    let key = server.add_key("alice", "ci", &["--scope", "push_rubygem"]);
    let paths: Vec<String> =
        (0..180).map(|number| format!("gems/noise-{}/1.{}.0", number % 6, number / 6)).collect();
    let pushes = Mutex::new(Pushes { waiting: build(&server, &paths), ..Pushes::default() });

    for _ in 0..KILLS {
        push_and_kill(&mut server, &key, &pushes);
        server.restart();
    }

    let pushes = pushes.into_inner().expect("no pusher has panicked");
    assert!(!pushes.answered.is_empty(), "no push was answered: nothing was tested");
    assert!(!pushes.unanswered.is_empty(), "no push was interrupted: nothing was tested");
    let index = Index::read(&server.gems());
    index.agrees_with_itself();
    for upload in &pushes.answered {
        assert!(index.holds(upload), "{} {} was answered and is lost", upload.name, upload.version);
    }
    for upload in &pushes.unanswered {
        index.holds(upload);
        let answer = upload.push(&server.gems(), &key).expect("the server is there");
        assert_eq!(answer.status, 200, "pushed again, whether there or not: {}", answer.text());
    }
    let index = Index::read(&server.gems());
    index.agrees_with_itself();
    assert!(pushes.unanswered.iter().all(|upload| index.holds(upload)), "all that was pushed again is there");
}

#[test]
fn of_twenty_simultaneous_pushes_of_one_version_exactly_one_succeeds() {
    let server = Keyward::start();
    server.add_account("alice");
    let key = server.add_key("alice", "ci", &["--scope", "push_rubygem"]);
    let paths: Vec<String> = (0..20).map(|number| format!("{number}/hola/1.0.0")).collect();
    let uploads = build(&server, &paths);
    let (host, start) = (server.gems(), Barrier::new(uploads.len()));

    let statuses: Vec<u16> = thread::scope(|scope| {
        let push = |upload: &Upload| {
            start.wait();
            upload.push(&host, &key).expect("every push is answered").status
        };
        let threads: Vec<_> = uploads.iter().map(|upload| scope.spawn(move || push(upload))).collect();
        threads.into_iter().map(|thread| thread.join().expect("every push is answered")).collect()
    });

    let winners: Vec<&Upload> =
        uploads.iter().zip(&statuses).filter(|(_, status)| **status == 200).map(|(u, _)| u).collect();
    assert_eq!(winners.len(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 403, 409].contains(status)), "{statuses:?}");
    let index = Index::read(&host);
    index.agrees_with_itself();
    assert!(index.holds(winners[0]), "the gem that is there is the one whose push succeeded");
}
