//! Requests of at most two megabytes that hold very many things.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::attacker::crowd;
use super::bounds::{CROWD, SMALL_REQUEST};
use super::campaign::{Attack, Campaign};
use super::figure::Figure;
use super::request::Request;
use super::server::{LOGIN, PASSWORD, Server, Setup};

/// An answer is there within this time, in a debug build on a busy machine too.
const ANSWER: Duration = Duration::from_secs(3);
/// As much as a form may have, in bytes.
const FORM: usize = 2 * 1024 * 1024 - 1024;
/// As much as the parameters of the API may have, in bytes.
const PARAMS: usize = 1024 * 1024 - 1024;

/// Lists in forms, in JSON, in parts, in the head.
pub(crate) fn campaign() -> Campaign {
    let mut attacks = key_forms();
    attacks.extend(bodies().into_iter().flat_map(ManyThings::attacks));
    attacks.extend(heads());
    attacks.extend(crowds());
    Campaign { setup: Setup::unguarded(), attacks }
}

/// Each list of fields, to each form of a key.
fn key_forms() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for (path, scope) in [
        ("/keys/new/nuget", "package%3Apush"),
        ("/keys/new/powershell", "package%3Apush"),
        ("/keys/new/rubygems", "push_rubygem"),
        ("/keys/preview/nuget", "package%3Apush"),
    ] {
        for (what, fields) in key_fields() {
            let fields = format!("name=many&days=30&scope={scope}&{fields}");
            attacks.push(one(format!("lists: {what} to {path}"), move |server| {
                Request::form(path, fields.as_str()).session(&server.session)
            }));
        }
    }
    attacks
}

/// Very many fields, cookies, hops, ranges or tags, or a long one, from anybody.
fn heads() -> Vec<Attack> {
    let query = |what: &str, path: String| one(format!("lists: {what}"), move |_| Request::get(&path));
    let header = |what: &str, path: &'static str, name: &'static str, value: String| {
        one(format!("lists: {what}"), move |_| Request::get(path).header(name, &value))
    };
    let (search, versions) = ("/rubygems/api/v1/search.json", "/rubygems/versions");
    vec![
        query("a long query", format!("/gems?query={}", "a%20".repeat(15_000))),
        query("many fields of a query", format!("{search}?{}", "a&".repeat(30_000))),
        query("wild cards in a search", format!("/gems?query={}", "%25_".repeat(10_000))),
        header("a long header", "/gems", "X-A", "a".repeat(300_000)),
        header("many cookies", "/gems", "Cookie", "keyward_session=a; ".repeat(15_000)),
        header("many hops", "/gems", "X-Forwarded-For", "10.0.0.1, ".repeat(30_000)),
        header("many ranges", versions, "Range", format!("bytes={}0-1", "0-1,".repeat(50_000))),
        one("lists: fields to /sign_in".to_owned(), |_| Request::form("/sign_in", b"a&".repeat(FORM / 2))),
        header("many tags", versions, "If-None-Match", format!("{}\"a\"", "\"a\", ".repeat(50_000))),
    ]
}

/// The costliest of these, many at once.
fn crowds() -> Vec<Attack> {
    let crowd_of = |what: &str, request: fn(&Server) -> Request| {
        Attack::plain(format!("lists: 40 {what} at once"), CROWD, move |server| {
            let request = request(server);
            crowd(40, 40, |number| drop(server.attacker(number).ask(&request)));
        })
    };
    vec![
        crowd_of("forms of a key", |server| {
            let fields = format!("name=many&days=30&scope=package%3Apush&globs={}", items("a*", FORM));
            Request::form("/keys/new/nuget", fields).session(&server.session)
        }),
        crowd_of("objects of JSON", |server| {
            let request = Request::new("DELETE", "/rubygems/api/v1/gems/yank");
            request.header("Authorization", &server.key).body("application/json", json_fields(PARAMS))
        }),
    ]
}

/// One request, whatever the answer is.
fn one(name: String, request: impl Fn(&Server) -> Request + Send + 'static) -> Attack {
    Attack::new(name, SMALL_REQUEST, move |server| {
        let (start, client) = (Instant::now(), server.attacker(0).patience(Duration::from_mins(1)));
        client.ask(&request(server)).map(drop).or_else(refused).context("no answer")?;
        Ok(vec![Figure::time("answer", start.elapsed(), ANSWER)])
    })
}

/// A server may close the connection of a client that still sends what was refused.
fn refused(error: std::io::Error) -> std::io::Result<()> {
    use std::io::ErrorKind::{BrokenPipe, ConnectionReset};
    if matches!(error.kind(), BrokenPipe | ConnectionReset) { Ok(()) } else { Err(error) }
}

/// Numbered items, one a line, of so many bytes in all.
fn items(start: &str, size: usize) -> String {
    let mut text = String::with_capacity(size);
    for number in 0.. {
        let item = format!("{start}{number}%0A");
        if text.len() + item.len() > size {
            break;
        }
        text.push_str(&item);
    }
    text
}

/// Fields of the form of a key.
fn key_fields() -> Vec<(&'static str, String)> {
    vec![
        ("globs", format!("globs={}", items("a*", FORM))),
        ("short globs", format!("globs={}", "*+".repeat(FORM / 2))),
        // As many as a key may have, each as long as it may be, with as many stars as fit.
        ("500 long globs", format!("globs={}", format!("{}*+", "*a".repeat(120)).repeat(500))),
        ("1,990 globs", format!("globs={}", "a*b*c*+".repeat(1990))),
        ("1,990 fields", "package=a*&".repeat(1990)),
        ("stars", format!("globs={}", "*".repeat(FORM - 100))),
        ("stars between", format!("globs={}", "*a".repeat(FORM / 2))),
        ("names", format!("packages={}", items("a", FORM))),
        ("fields of packages", "package=a&".repeat(FORM / 10)),
        ("scopes", "scope=package%3Apush&".repeat(FORM / 21)),
        ("empty fields", "a&".repeat(FORM / 2)),
        ("a long name", format!("name={}", "n".repeat(FORM - 100))),
        ("bad names", format!("packages={}", "!+".repeat(FORM / 2))),
    ]
}

/// A body with very many things.
struct ManyThings {
    what: &'static str,
    content_type: &'static str,
    bytes: Vec<u8>,
}

impl ManyThings {
    /// Sends it wherever a body is read in another way.
    fn attacks(self) -> [Attack; 3] {
        let Self { what, content_type, bytes } = self;
        let to = |place: &str, request: fn(&Server) -> Request| {
            let bytes = bytes.clone();
            one(format!("lists: {what} to {place}"), move |server| {
                request(server).body(content_type, bytes.as_slice())
            })
        };
        [
            to("api_key", |_| Request::new("POST", "/rubygems/api/v1/api_key").basic(LOGIN, PASSWORD)),
            to("yank", |server| {
                Request::new("DELETE", "/rubygems/api/v1/gems/yank").header("Authorization", &server.key)
            }),
            to("gems", |server| {
                Request::new("POST", "/rubygems/api/v1/gems").header("Authorization", &server.key)
            }),
        ]
    }
}

fn bodies() -> Vec<ManyThings> {
    let json = |what, text: String| ManyThings {
        what,
        content_type: "application/json",
        bytes: format!("{{\"name\":{text}").into_bytes(),
    };
    let multipart = |what, bytes| ManyThings { what, content_type: "multipart/form-data; boundary=x", bytes };
    vec![
        json("deep lists", "[".repeat(PARAMS)),
        json("deep objects", "{\"\":".repeat(PARAMS / 4)),
        json("wide lists", format!("[{}0]}}", "0,".repeat(PARAMS / 2))),
        json("lists of lists", format!("[{}0]}}", "[],".repeat(PARAMS / 3))),
        ManyThings { what: "fields of JSON", content_type: "application/json", bytes: json_fields(PARAMS) },
        ManyThings {
            what: "form fields",
            content_type: "application/x-www-form-urlencoded",
            bytes: b"a&".repeat(PARAMS / 2),
        },
        multipart("parts", parts(PARAMS)),
        multipart("headers of a part", part_headers(PARAMS)),
        multipart("dashes", b"--".repeat(PARAMS / 2)),
    ]
}

fn json_fields(size: usize) -> Vec<u8> {
    let mut text = String::from("{\"name\":\"k\"");
    for number in 0.. {
        if text.len() + 16 > size {
            break;
        }
        write!(text, ",\"{number}\":{{}}").expect("a string takes every text");
    }
    (text + "}").into_bytes()
}

fn parts(size: usize) -> Vec<u8> {
    let part = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n";
    [part.repeat(size / part.len()).as_slice(), b"--x--\r\n"].concat()
}

fn part_headers(size: usize) -> Vec<u8> {
    [b"--x\r\n".as_slice(), &b"A: b\r\n".repeat(size / 6 - 4), b"\r\n\r\n--x--\r\n"].concat()
}
