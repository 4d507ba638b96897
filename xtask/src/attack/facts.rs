//! Versions that say as much about themselves as they may, and the pages and documents that show them.

use std::time::{Duration, Instant};

use super::attacker::crowd;
use super::bounds::{CROWD, SMALL_REQUEST};
use super::campaign::{Attack, Campaign};
use super::figure::Figure;
use super::gem::{gem, gemspec};
use super::request::Request;
use super::server::{Server, Setup};

/// Versions of each gem.
const VERSIONS: usize = 40;
/// A push, a page or a document is answered within this time, in a debug build on a busy machine too.
const ANSWER: Duration = Duration::from_secs(3);
/// What one reader may add to the memory of the server, in MiB.
const SHOWN: u64 = 64;

/// Documents and pages about a gem, for anybody.
const PLACES: [&str; 9] = [
    "/gems/NAME",
    "/gems/NAME/versions/1.0.7",
    "/gems?query=NAME",
    "/rubygems/api/v1/gems/NAME.json",
    "/rubygems/api/v1/versions/NAME.json",
    "/rubygems/api/v2/rubygems/NAME/versions/1.0.7.json",
    "/rubygems/api/v1/search.json?query=NAME",
    "/rubygems/api/v1/owners/mallory/gems.json",
    "/rubygems/info/NAME",
];

/// Gems with long texts and with long lists, and more of both than is accepted; each read by one, then by many.
pub(crate) fn campaign() -> Campaign {
    let mut attacks = vec![
        publish("facts: 40 messages of 9.5 MB", "message", || message(9_500_000)),
        publish("facts: 40 with texts of 60 KiB", "texts", || message(60 * 1024) + &texts(60 * 1024)),
        publish("facts: 40 with texts of 8 KiB", "short", || message(8 * 1024) + &texts(8 * 1024)),
        publish("facts: 40 with lists of 60 KiB", "lists", || lists(60 * 1024)),
        publish("facts: 40 with lists of 8 KiB", "few", || lists(8 * 1024)),
    ];
    for name in ["texts", "short", "lists", "few"] {
        attacks.push(Attack::plain(format!("facts: 200 visitors of {name}"), CROWD, move |server| {
            crowd(200, 40, |number| {
                let path = PLACES[number % PLACES.len()].replace("NAME", name);
                drop(server.attacker(number).ask(&Request::get(&path)));
            });
        }));
    }
    Campaign { setup: Setup::unguarded(), attacks }
}

/// Pushes the versions one after the other, whether they are accepted or not, then opens each page and document.
fn publish(title: &str, name: &'static str, more: impl Fn() -> String + Send + 'static) -> Attack {
    let attack = move |server: &Server| {
        let mut longest = Duration::ZERO;
        for version in 0..VERSIONS {
            let gem = gem(&gemspec(name, &format!("1.0.{version}"), &more()))?;
            longest = longest.max(time(server, &Request::push(&server.key, gem)));
        }
        let before = server.memory().now()?;
        server.memory().forget_peak()?;
        let get = |path: &str| time(server, &Request::get(&path.replace("NAME", name)));
        let slowest = PLACES.iter().map(|path| get(path)).max().unwrap_or_default();
        let shown = server.memory().peak()?.saturating_sub(before);
        Ok(vec![
            Figure::time("push", longest, ANSWER),
            Figure::time("shown", slowest, ANSWER),
            Figure::mebibytes("to show it", shown, SHOWN),
        ])
    };
    Attack::new(title, SMALL_REQUEST, attack).longest(Duration::from_mins(5))
}

/// How long an answer takes. A gem that was refused has no page: that is as good.
fn time(server: &Server, request: &Request) -> Duration {
    let start = Instant::now();
    drop(server.attacker(0).ask(request));
    start.elapsed()
}

fn message(length: usize) -> String {
    format!("post_install_message: \"{}\"\n", "m".repeat(length))
}

/// Further fields of so many bytes each.
fn texts(length: usize) -> String {
    ["description", "homepage", "email", "signing_key"]
        .map(|field| format!("{field}: \"{}\"\n", "m".repeat(length)))
        .concat()
}

/// Lists whose texts are so long in all.
fn lists(length: usize) -> String {
    const LISTS: [&str; 7] = [
        "licenses",
        "requirements",
        "rdoc_options",
        "executables",
        "extensions",
        "extra_rdoc_files",
        "test_files",
    ];
    LISTS.map(|field| format!("{field}:\n{}", "- item\n".repeat(length / 7))).concat()
}
