//! More connections than the server has file handles, none of which ever says all that it has to say.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Mutex;
use std::time::Duration;

use super::attacker::crowd;
use super::bounds::CROWD;
use super::campaign::{Attack, Campaign};
use super::request::Request;
use super::server::{Handles, Server, Setup};

/// More than 1,024 file handles.
const MANY: usize = 1100;
/// How long they are held.
const HELD: Duration = Duration::from_secs(4);

/// What a connection sends before it stops.
type Start = fn(&Server) -> Vec<u8>;

/// Where connections stop, how many of them come from each address, and what that is called.
const KINDS: [(&str, usize, Start); 7] = [
    ("silence, one address", MANY, |_| vec![]),
    ("half a head, 55 addresses", 20, |_| b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A".to_vec()),
    ("half a form, one address", MANY, half_a_form),
    ("half a form, 55 addresses", 20, half_a_form),
    ("half a form, 1,100 addresses", 1, half_a_form),
    ("half an upload, 55 addresses", 20, |server| Request::push(&server.key, []).promise(1024 * 1024)),
    ("a stranger's upload, one address", MANY, |_| Request::push("unknown", []).promise(1024 * 1024)),
];

fn half_a_form(_: &Server) -> Vec<u8> {
    [Request::form("/sign_in", "").promise(1000).as_slice(), b"login="].concat()
}

/// Each kind, held while others ask for something.
pub(crate) fn campaign(handles: Handles) -> Campaign {
    let limit = if handles == Handles::Soft { "" } else { " (hard limit)" };
    let attack = |(what, spread, start): (&str, usize, Start)| {
        Attack::plain(format!("connections: {what}{limit}"), CROWD, move |server| {
            hold(server, spread, &start(server));
        })
    };
    let setup = Setup { handles, ..Setup::default_settings() };
    Campaign { setup, attacks: KINDS.map(attack).into() }
}

/// Opens the connections, `spread` from each address, and holds them for a while.
fn hold(server: &Server, spread: usize, start: &[u8]) {
    let held: Mutex<Vec<TcpStream>> = Mutex::default();
    crowd(MANY, 50, |number| {
        let client = server.attacker(number / spread).patience(Duration::from_secs(2));
        if let Ok(mut stream) = client.connect() {
            // The server may have closed it at once.
            drop(stream.write_all(start));
            held.lock().expect("no attacker panics").push(stream);
        }
    });
    std::thread::sleep(HELD);
}
