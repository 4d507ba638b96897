//! Work that nobody waits for any more: it is bounded, and its memory is given back.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use testkit::GemBuilder;

use crate::Session;
use crate::server::{Server, address};

/// So much resident memory may the server have at most, at any instant, in KiB.
const PEAK: u64 = 300 * 1024;
/// So much may it keep once it has nothing to do, in KiB.
const IDLE: u64 = 100 * 1024;
/// How long it may take until what was begun is done and its memory given back.
const REST: Duration = Duration::from_secs(20);

/// `alice@example.com` with a password that is wrong: it costs what the right one costs.
const CREDENTIALS: &str = "YWxpY2VAZXhhbXBsZS5jb206d3JvbmcgaG9yc2U=";

#[test]
fn sign_ins_and_pushes_that_are_given_up_hold_little_memory_and_give_it_back() {
    let session = Session::of_alice();
    let key = session
        .quietly("keyward key create --account alice --ecosystem rubygems --name ci --scope push_rubygem");
    let words = ["serve", "--listen", "127.0.0.1:0", "--limits-guessing", "false", "--log-level", "error"];
    let server = Server::start(&session, &words);
    let first = server.line();
    let target = Target::of(&server, address(&first));

    let sign_in = target.request("GET", "api_key", &format!("Basic {CREDENTIALS}"), &[]);
    let at_once: Vec<_> = (0..40).map(|_| target.begin(&sign_in)).collect();
    for waiting in at_once {
        assert_eq!(status(waiting), "401");
    }
    target.rests("40 sign-ins at once");

    target.give_up(&sign_in, 25, 40);
    assert_eq!(status(target.begin(&sign_in)), "401");
    target.rests("1,000 sign-ins that were given up");

    let push = target.request("POST", "gems", key.trim(), &slow_gem());
    target.give_up(&push, 5, 20);
    assert_eq!(status(target.begin(&push)), "200");
    target.rests("100 pushes that were given up");
}

/// A gem that takes a while to read.
fn slow_gem() -> Vec<u8> {
    let names: Vec<_> = (0..10_000).map(|number| format!("\n- lib/slow/file_{number}.rb")).collect();
    let gem = GemBuilder::new("slow", "1.0.0").field("files", &names.concat());
    gem.file("lib/slow.rb", vec![b'#'; 4 * 1024 * 1024]).build()
}

/// Reads the whole answer and returns its status.
fn status(mut connection: TcpStream) -> String {
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("the server answers");
    answer.split(' ').nth(1).expect("the answer has a status").to_owned()
}

/// A server under attack.
struct Target {
    host: String,
    process: PathBuf,
}

impl Target {
    fn of(server: &Server, address: &str) -> Self {
        let host = address.strip_prefix("http://").expect("it is served on loopback").to_owned();
        Self { host, process: format!("/proc/{}/status", server.id()).into() }
    }

    /// The bytes of a request whose answer ends the connection.
    fn request(&self, method: &str, path: &str, credentials: &str, body: &[u8]) -> Vec<u8> {
        let head = format!(
            "{method} /rubygems/api/v1/{path} HTTP/1.1\r\nHost: {}\r\nAuthorization: {credentials}\r\n\
             Content-Type: application/octet-stream\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.host,
            body.len()
        );
        [head.as_bytes(), body].concat()
    }

    /// Sends a request.
    fn begin(&self, request: &[u8]) -> TcpStream {
        let mut connection = TcpStream::connect(&self.host).expect("the server listens");
        connection.write_all(request).expect("the server reads");
        connection
    }

    /// Sends a request many times at once, and hangs up while the server works on some of them; all that again and again.
    fn give_up(&self, request: &[u8], waves: usize, at_once: usize) {
        for _ in 0..waves {
            let wave: Vec<_> = (0..at_once).map(|_| self.begin(request)).collect();
            std::thread::sleep(Duration::from_millis(50));
            drop(wave);
        }
    }

    /// Waits until the server has given its memory back, and looks whether it ever held too much.
    fn rests(&self, after: &str) {
        let end = Instant::now() + REST;
        while self.memory("VmRSS:") > IDLE && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(100));
        }
        let (resident, peak) = (self.memory("VmRSS:"), self.memory("VmHWM:"));
        assert!(resident <= IDLE && peak <= PEAK, "after {after}: {resident} KiB, and {peak} KiB at most");
    }

    /// What Linux says of the memory of the process, in KiB.
    fn memory(&self, figure: &str) -> u64 {
        let status = std::fs::read_to_string(&self.process).expect("the server runs");
        let line =
            status.lines().find_map(|line| line.strip_prefix(figure)).expect("Linux gives this figure");
        line.trim().trim_end_matches(" kB").parse().expect("it is a number")
    }
}
