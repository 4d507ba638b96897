//! Clients that send or read a byte now and then, for ever.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::bounds::CROWD;
use super::campaign::{Attack, Campaign};
use super::figure::Figure;
use super::gem::{gem_of, gemspec, gzip, tar};
use super::request::Request;
use super::server::{Server, Setup};

/// Connections of each kind.
const EACH: usize = 10;
/// How often one of them says or reads something.
const PAUSE: Duration = Duration::from_secs(2);
/// The server is rid of each of them within this time.
const RID: Duration = Duration::from_secs(90);
/// After this time we give up.
const GIVE_UP: Duration = Duration::from_secs(100);

/// All kinds at once: they wait together.
pub(crate) fn campaign() -> Campaign {
    let attack = Attack::new("slow: 10 of each kind", CROWD, attack).longest(Duration::from_secs(150));
    Campaign { setup: Setup::default_settings(), attacks: vec![attack] }
}

/// A kind of slowness.
struct Kind {
    name: &'static str,
    /// What is sent first.
    start: Vec<u8>,
    /// What is sent now and then after that.
    drip: &'static [u8],
    /// Bytes that are read now and then.
    sip: usize,
}

fn attack(server: &Server) -> Result<Vec<Figure>> {
    let path = publish_large(server)?;
    let kinds = kinds(server, &path);
    let times = std::thread::scope(|scope| {
        let started: Vec<_> = kinds.iter().map(|kind| scope.spawn(move || longest(server, kind))).collect();
        started.into_iter().map(|thread| thread.join().expect("no attacker panics")).collect::<Vec<_>>()
    });
    let figures = kinds.iter().zip(times).map(|(kind, time)| Ok(Figure::time(kind.name, time?, RID)));
    figures.collect()
}

fn kinds(server: &Server, path: &str) -> [Kind; 9] {
    let large = Request::get(path).keep();
    let upload = Request::push(&server.key, []).promise(1024 * 1024);
    [
        Kind { name: "silence", start: vec![], drip: b"", sip: 0 },
        Kind { name: "head by drips", start: b"GET / HTTP/1.1\r\nX: ".to_vec(), drip: b"x", sip: 0 },
        Kind { name: "headers by drips", start: b"GET / HTTP/1.1\r\n".to_vec(), drip: b"X: y\r\n", sip: 0 },
        Kind {
            name: "form by drips",
            start: Request::form("/sign_in", "").promise(1000),
            drip: b"x",
            sip: 0,
        },
        Kind { name: "upload by drips", start: upload, drip: b"x", sip: 0 },
        Kind {
            name: "stranger's upload by drips",
            start: Request::push("no", []).promise(1000),
            drip: b"x",
            sip: 0,
        },
        Kind { name: "kept, idle", start: Request::get("/healthz").keep(), drip: b"", sip: 1024 },
        Kind { name: "unread answer", start: large.clone(), drip: b"", sip: 0 },
        Kind { name: "answer in sips", start: large, drip: b"", sip: 16 },
    ]
}

/// A gem that no socket takes as a whole; returns where it can be downloaded.
fn publish_large(server: &Server) -> Result<String> {
    let metadata = gzip(gemspec("large", "1.0.0", "").as_bytes())?;
    let noise = noise(24 * 1024 * 1024);
    let data = gzip(&tar(&[("noise", &noise)]))?;
    let gem = gem_of(&metadata, &data);
    let answer = server.witness().patience(Duration::from_mins(1)).ask(&Request::push(&server.key, gem))?;
    ensure!(answer.is_good(), "an honest push got {}: {}", answer.status, answer.text);
    Ok("/rubygems/gems/large-1.0.0.gem".to_owned())
}

/// Bytes that cannot be packed.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

/// The time until the server has closed the last connection of a kind.
fn longest(server: &Server, kind: &Kind) -> Result<Duration> {
    let mut held = Vec::new();
    for number in 0..EACH {
        let mut stream = server.attacker(number).connect_narrow()?;
        stream.write_all(&kind.start)?;
        stream.set_nonblocking(true)?;
        held.push(stream);
    }
    let start = Instant::now();
    while !held.is_empty() && start.elapsed() < GIVE_UP {
        std::thread::sleep(PAUSE);
        held.retain_mut(|stream| is_open(stream, kind));
    }
    Ok(start.elapsed())
}

/// Goes on with one connection, and tells whether the server still holds it.
fn is_open(stream: &mut TcpStream, kind: &Kind) -> bool {
    let is_fine = |result: std::io::Result<usize>| match result {
        Ok(count) => count > 0,
        Err(error) => error.kind() == ErrorKind::WouldBlock,
    };
    let sent = kind.drip.is_empty() || is_fine(stream.write(kind.drip));
    let mut sip = vec![0; kind.sip];
    // Without a byte to read the end of the connection shows in a look that takes nothing.
    let read = if kind.sip > 0 { is_fine(stream.read(&mut sip)) } else { is_fine(stream.peek(&mut [0])) };
    sent && read
}
