//! Pushes that are cancelled, or that nobody has the right to.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::attacker::crowd;
use super::bounds::CROWD;
use super::campaign::{Attack, Campaign};
use super::client::{Client, read_answer};
use super::figure::Figure;
use super::gem::{gem, gem_of, gemspec, gzip};
use super::request::Request;
use super::server::{Server, Setup};
use super::yaml::with_dependencies;

const MEBIBYTE: usize = 1024 * 1024;
/// What a stranger offers to send, in bytes.
const OFFERED: usize = 1024 * MEBIBYTE;
/// Of an upload that is refused so much is read, in bytes: 64 MiB, and what the sockets hold.
const READ: u64 = 80 * 1024 * 1024;
/// An upload that is refused is over within this time: ten seconds, and some for a busy machine.
const OVER: Duration = Duration::from_secs(14);

/// Cancelled pushes, and pushes without a key that is known.
pub(crate) fn campaign() -> Campaign {
    let attacks = vec![
        Attack::new("push: 100 cancelled", CROWD, |server| cancelled(server, &laborious()?)),
        Attack::new("push: 100 cancelled, half sent", CROWD, |server| half_sent(server, &laborious()?)),
        Attack::new("push: 100 cancelled, parts", CROWD, |server| cancelled_parts(server, &laborious()?)),
        Attack::new("stranger: an ordinary gem", CROWD, ordinary),
        Attack::new("stranger: 1 GiB, fast", CROWD, |server| refused(server, 1, OFFERED, Duration::ZERO)),
        Attack::new("stranger: 8 × 1 GiB, fast", CROWD, |server| {
            refused(server, 8, OFFERED, Duration::ZERO)
        }),
        Attack::new("stranger: 40 × 1 GiB, 64 KiB/s", CROWD, |server| {
            refused(server, 40, OFFERED, Duration::from_secs(1))
        }),
        Attack::new("stranger: chunks without end", CROWD, endless_chunks),
    ];
    Campaign { setup: Setup::unguarded(), attacks }
}

/// A gem that takes its reader a while: a gemspec of nearly a mebibyte, and files that unfold to as much as is allowed at any ratio.
fn laborious() -> Result<Vec<u8>> {
    let gemspec = with_dependencies("slow", MEBIBYTE - 4096);
    Ok(gem_of(&gzip(gemspec.as_bytes())?, &gzip(&vec![0; 60 * MEBIBYTE])?))
}

/// When a client hangs up: while it is read what it sent, while its gem is inspected, or while that waits its turn.
fn hang_up(number: usize) -> Duration {
    Duration::from_millis(5 << (number % 7))
}

fn cancelled(server: &Server, gem: &[u8]) -> Result<Vec<Figure>> {
    let request = Request::push(&server.key, gem);
    crowd(100, 40, |number| {
        drop(server.attacker(number).ask_and_hang_up(&request, hang_up(number)));
    });
    push_at_last(server)
}

fn half_sent(server: &Server, gem: &[u8]) -> Result<Vec<Figure>> {
    crowd(100, 40, |number| {
        let Ok(mut stream) = server.attacker(number).connect() else { return };
        drop(stream.write_all(&Request::push(&server.key, gem).promise(gem.len() as u64)));
        drop(stream.write_all(&gem[..gem.len() / 2]));
        std::thread::sleep(Duration::from_millis(50));
    });
    push_at_last(server)
}

fn cancelled_parts(server: &Server, gem: &[u8]) -> Result<Vec<Figure>> {
    let mut body = b"--x\r\nContent-Disposition: form-data; name=\"gem\"; filename=\"g\"\r\n\r\n".to_vec();
    body.extend_from_slice(gem);
    body.extend_from_slice(b"\r\n--x\r\nContent-Disposition: form-data; name=\"attestations\"\r\n\r\n");
    body.extend_from_slice(&b"[".repeat(MEBIBYTE / 2));
    body.extend_from_slice(b"\r\n--x--\r\n");
    let request = Request::new("POST", "/rubygems/api/v1/gems").header("Authorization", &server.key);
    let request = request.body("multipart/form-data; boundary=x", body);
    crowd(100, 40, |number| {
        drop(server.attacker(number).ask_and_hang_up(&request, hang_up(number)));
    });
    push_at_last(server)
}

/// Pushes an honest gem and tells how long that takes while the server recovers.
fn push_at_last(server: &Server) -> Result<Vec<Figure>> {
    let gem = gem(&gemspec("honest", "1.0.0", ""))?;
    let (start, bound) = (Instant::now(), Duration::from_secs(10));
    let honest = server.witness().patience(Duration::from_secs(20));
    loop {
        let answer =
            honest.ask(&Request::push(&server.key, gem.as_slice())).context("no answer to a push")?;
        if answer.is_good() {
            return Ok(vec![Figure::time("push", start.elapsed(), bound)]);
        }
        ensure!(answer.status == 503, "an honest push got {}: {}", answer.status, answer.text);
        ensure!(start.elapsed() < 2 * bound, "nobody can push any more");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A stock client reads no answer before it has sent the whole gem: it hears why an ordinary one is refused.
fn ordinary(server: &Server) -> Result<Vec<Figure>> {
    let answer = server.attacker(0).ask(&Request::push("unknown", vec![0; 32 * MEBIBYTE]))?;
    ensure!(answer.status == 401, "a push with an unknown key got {}", answer.status);
    Ok(vec![])
}

/// Strangers send as much as the server takes, 64 KiB at a time.
fn refused(server: &Server, strangers: usize, length: usize, pause: Duration) -> Result<Vec<Figure>> {
    let sent = std::sync::Mutex::new(Vec::new());
    crowd(strangers, strangers, |number| {
        let result = send(&server.attacker(number), length, pause);
        sent.lock().expect("no stranger panics").push(result);
    });
    let sent = sent.into_inner().expect("no stranger panics").into_iter().collect::<Result<Vec<_>>>()?;
    let (most, longest) =
        (sent.iter().map(|(bytes, _)| *bytes).max(), sent.iter().map(|(_, time)| *time).max());
    Ok(vec![
        Figure::mebibytes("read", most.unwrap_or_default(), READ / 1024 / 1024),
        Figure::time("over", longest.unwrap_or_default(), OVER),
    ])
}

/// Sends until the server stops reading, and tells how much and for how long.
fn send(client: &Client, length: usize, pause: Duration) -> Result<(u64, Duration)> {
    let mut stream = client.connect()?;
    let start = Instant::now();
    stream.write_all(&Request::push("unknown", []).promise(length as u64))?;
    let sent = send_pieces(&mut stream, &vec![0; 64 * 1024], length, pause);
    drop(read_answer(&mut stream, Duration::from_secs(20)));
    Ok((sent, start.elapsed()))
}

/// Sends the same piece again and again, for 40 seconds at most.
fn send_pieces(stream: &mut TcpStream, piece: &[u8], length: usize, pause: Duration) -> u64 {
    let (start, mut sent) = (Instant::now(), 0);
    while sent < length && start.elapsed() < Duration::from_secs(40) && stream.write_all(piece).is_ok() {
        sent += piece.len();
        std::thread::sleep(pause);
    }
    sent as u64
}

/// A body without a length.
fn endless_chunks(server: &Server) -> Result<Vec<Figure>> {
    let mut stream = server.attacker(0).connect()?;
    let start = Instant::now();
    stream.write_all(
        b"POST /rubygems/api/v1/gems HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: unknown\r\nTransfer-Encoding: chunked\r\n\r\n",
    )?;
    let piece = [&b"10000\r\n"[..], &vec![0; 64 * 1024], b"\r\n"].concat();
    let sent = send_pieces(&mut stream, &piece, OFFERED, Duration::ZERO);
    drop(read_answer(&mut stream, Duration::from_secs(20)));
    Ok(vec![Figure::mebibytes("read", sent, READ / 1024 / 1024), Figure::time("over", start.elapsed(), OVER)])
}
