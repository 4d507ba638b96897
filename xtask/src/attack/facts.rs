//! Versions that say as much about themselves as they may, and the pages and documents that show them.

use std::time::{Duration, Instant};

use super::attacker::crowd;
use super::bounds::CROWD;
use super::campaign::{Attack, Campaign};
use super::figure::Figure;
use super::gem::{gem, gemspec};
use super::request::Request;
use super::server::{Server, Setup};
use super::yaml::with_dependencies;

/// Versions of each gem.
const VERSIONS: usize = 40;
/// A push, a page or a document is answered within this time, in a debug build on a busy machine too.
const ANSWER: Duration = Duration::from_secs(3);
/// What one reader may add to the memory of the server, in MiB.
const SHOWN: u64 = 64;
/// What the server may have while many read at once, in MiB.
const VISITED: u64 = 300;

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

/// Gems with long texts and with long lists, and one with more than is accepted.
pub(crate) fn campaign() -> Campaign {
    let attacks = vec![
        publish("facts: 40 messages of 9.5 MB", "message", |version| {
            gemspec("message", version, &text("post_install_message", 9_500_000))
        }),
        publish("facts: 40 with long texts", "texts", texts),
        publish("facts: 40 with long lists", "lists", lists),
    ];
    Campaign { setup: Setup::unguarded(), attacks }
}

/// Pushes the versions one after the other, whether they are accepted or not, then opens each page and document, once and as a crowd.
fn publish(title: &str, name: &'static str, gemspec: impl Fn(&str) -> String + Send + 'static) -> Attack {
    let attack = move |server: &Server| {
        let mut longest = Duration::ZERO;
        for version in 0..VERSIONS {
            let gem = gem(&gemspec(&format!("1.0.{version}")))?;
            longest = longest.max(time(server, &Request::push(&server.key, gem)));
        }
        let before = server.memory().now()?;
        server.memory().forget_peak()?;
        let get = |path: &str| time(server, &Request::get(&path.replace("NAME", name)));
        let slowest = PLACES.iter().map(|path| get(path)).max().unwrap_or_default();
        let shown = server.memory().peak()?.saturating_sub(before);
        server.memory().forget_peak()?;
        crowd(200, 40, |number| {
            let path = PLACES[number % PLACES.len()].replace("NAME", name);
            drop(server.attacker(number).ask(&Request::get(&path)));
        });
        Ok(vec![
            Figure::time("push", longest, ANSWER),
            Figure::time("shown", slowest, ANSWER),
            Figure::mebibytes("to show it", shown, SHOWN),
            Figure::mebibytes("to 200 visitors", server.memory().peak()?, VISITED),
        ])
    };
    Attack::new(title, CROWD, attack).longest(Duration::from_mins(5))
}

/// How long an answer takes. A gem that was refused has no page: that is as good.
fn time(server: &Server, request: &Request) -> Duration {
    let start = Instant::now();
    drop(server.attacker(0).ask(request));
    start.elapsed()
}

/// A gemspec whose texts are all nearly as long as they may be.
fn texts(version: &str) -> String {
    let fields = ["post_install_message", "description", "bindir"].map(|field| text(field, 60_000));
    let fields = fields.concat() + &format!("homepage: https://example.com/{}\n", "h".repeat(60_000));
    gemspec("texts", version, &fields).replace("bindir: bin\n", "").replace("A gem", &"s".repeat(60_000))
}

fn text(field: &str, length: usize) -> String {
    format!("{field}: \"{}\"\n", "m".repeat(length))
}

/// A gemspec whose lists have nearly as many entries as they may, of nearly as many bytes.
fn lists(version: &str) -> String {
    let entries = |field: &str, entry: &dyn Fn(usize) -> String| {
        format!("{field}:\n{}", (0..990).map(|number| entry(number) + "\n").collect::<Vec<_>>().concat())
    };
    let fields = ["executables", "email"].map(|field| entries(field, &|number| format!("- {number:060}")));
    let metadata = entries("metadata", &|number| format!("  k{number}: v{number:050}"));
    with_dependencies("lists", 990 * 260)
        .replace("version: '1.0.0'", &format!("version: '{version}'"))
        .replace("metadata: {}\n", &metadata)
        + &fields.concat()
}
