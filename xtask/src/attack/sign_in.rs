//! Passwords: hashing one costs 19 MiB and a good part of a second, whoever asks.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::attacker::crowd;
use super::bounds::CROWD;
use super::campaign::{Attack, Campaign};
use super::figure::Figure;
use super::request::Request;
use super::server::{LOGIN, PASSWORD, Server, Setup};

/// Cancelled requests of one kind.
const CANCELLED: usize = 1000;
/// So many at once.
const WAVE: usize = 40;
/// A client hangs up so long after it sent its request: hashing has begun by then.
const HANG_UP: Duration = Duration::from_millis(5);
/// Whoever signs in right after an attack has a session within this time.
const SIGN_IN: Duration = Duration::from_secs(10);

/// All that hashes a password, begun and left, or in waves.
pub(crate) fn campaign() -> Campaign {
    let mut setup = Setup::unguarded();
    setup.flags.extend(["--accounts-sign-up", "open"]);
    let attacks = vec![
        cancelled("password: sign-in, 1,000 cancelled", |_, number| web(&format!("nobody{number}"))),
        cancelled("password: sign-in, 1,000 cancelled, known", |_, _| web(LOGIN)),
        cancelled("password: keys, 1,000 cancelled", |_, number| key(&format!("nobody{number}"), "no")),
        cancelled("password: keys, 1,000 good", |_, _| key(LOGIN, PASSWORD)),
        cancelled("password: sign-up, 1,000 cancelled", |_, number| sign_up(number)),
        cancelled("password: again, 1,000 cancelled", |server, _| {
            Request::form("/verify", "password=wrong").session(&server.session)
        }),
        cancelled("password: new one, 1,000 cancelled", |server, _| {
            let fields =
                "password=wrong&new_password=some+words+of+mine&current=wrong&new=some+words+of+mine";
            Request::form("/settings/password", fields).session(&server.session)
        }),
        waves("password: sign-in, 5 waves of 40", |number| web(&format!("nobody{number}"))),
        waves("password: sign-in, 5 waves of 40, good", |_| web_with(LOGIN, PASSWORD)),
        waves("password: keys, 5 waves of 40", |number| key(&format!("nobody{number}"), "no")),
        waves("password: sign-up, 5 waves of 40", sign_up),
        Attack::plain("password: login, 300 of a mebibyte", CROWD, long_logins),
        Attack::plain("password: login, 300 of 100 KB, Basic", CROWD, long_basic),
    ];
    Campaign { setup, attacks }
}

/// The same from many addresses, with the limits on guessing that are there by default.
pub(crate) fn guessing_campaign() -> Campaign {
    let attacks = vec![
        cancelled("guarded: sign-in, 1,000 cancelled", |_, number| web(&format!("nobody{number}"))),
        waves("guarded: sign-in, 5 waves of 40", |number| web(&format!("nobody{number}"))),
        Attack::plain("guarded: login, 300 of a mebibyte", CROWD, long_logins),
        Attack::plain("guarded: login, 300 of 100 KB, Basic", CROWD, long_basic),
        Attack::plain("guarded: forgotten, 300 of a mebibyte", CROWD, long_forgotten),
        Attack::plain("guarded: 3,000 logins", CROWD, many_logins),
        Attack::plain("guarded: 10,000 unknown keys", CROWD, unknown_keys),
    ];
    Campaign { setup: Setup::default_settings(), attacks }
}

fn web(login: &str) -> Request {
    web_with(login, "wrong")
}

fn web_with(login: &str, password: &str) -> Request {
    Request::form("/sign_in", format!("login={login}&password={}", password.replace(' ', "+")))
}

fn key(login: &str, password: &str) -> Request {
    Request::form("/rubygems/api/v1/api_key", "name=k&index_rubygems=true").basic(login, password)
}

fn sign_up(number: usize) -> Request {
    let name = format!("visitor{number}");
    let fields = format!("handle={name}&name={name}&email={name}%40example.com&password=some+words+of+mine");
    Request::form("/sign_up", fields)
}

/// Requests whose clients hang up while the server works for them.
fn cancelled(name: &str, request: impl Fn(&Server, usize) -> Request + Send + Sync + 'static) -> Attack {
    Attack::new(name, CROWD, move |server| {
        crowd(CANCELLED, WAVE, |number| {
            // Refused connections are as good as cancelled ones.
            drop(server.attacker(number).ask_and_hang_up(&request(server, number), HANG_UP));
        });
        sign_in_at_last(server)
    })
}

/// Requests whose clients wait for the answer.
fn waves(name: &str, request: impl Fn(usize) -> Request + Send + Sync + 'static) -> Attack {
    Attack::new(name, CROWD, move |server| {
        crowd(5 * WAVE, WAVE, |number| drop(server.attacker(number).ask(&request(number))));
        sign_in_at_last(server)
    })
}

/// Signs in as somebody who tries again while the server is busy.
fn sign_in_at_last(server: &Server) -> Result<Vec<Figure>> {
    let start = Instant::now();
    let witness = server.witness().patience(Duration::from_secs(20));
    loop {
        let answer = witness.ask(&web_with(LOGIN, PASSWORD)).context("no answer to a sign-in")?;
        if answer.is_good() {
            return Ok(vec![Figure::time("sign-in", start.elapsed(), SIGN_IN)]);
        }
        ensure!(
            matches!(answer.status, 429 | 503),
            "a sign-in with the right password got {}",
            answer.status
        );
        ensure!(start.elapsed() < 2 * SIGN_IN, "nobody can sign in any more: {}", answer.status);
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A login of so many bytes, unlike all others.
fn long_login(number: usize, length: usize) -> String {
    format!("{number}{}", "l".repeat(length))
}

/// Sends requests from many addresses and waits for each answer.
fn from_everywhere(server: &Server, times: usize, request: impl Fn(usize) -> Request + Sync) {
    crowd(times, 8, |number| drop(server.attacker(number).ask(&request(number))));
}

fn long_logins(server: &Server) {
    from_everywhere(server, 300, |number| web(&long_login(number, 1024 * 1024)));
}

fn long_basic(server: &Server) {
    from_everywhere(server, 300, |number| key(&long_login(number, 100_000), "no"));
}

fn long_forgotten(server: &Server) {
    from_everywhere(server, 300, |number| {
        Request::form("/password/forgotten", format!("login={}", long_login(number, 1024 * 1024)))
    });
}

/// Each login and address is new: what is remembered of them must not grow for ever.
fn many_logins(server: &Server) {
    from_everywhere(server, 3_000, |number| {
        Request::form("/password/forgotten", format!("login={}", long_login(number, 240)))
    });
}

fn unknown_keys(server: &Server) {
    let check = "/rubygems/api/v1/api_key/check?scope=push_rubygem";
    from_everywhere(server, 10_000, |number| {
        Request::get(check).header("Authorization", &long_login(number, 240))
    });
}
