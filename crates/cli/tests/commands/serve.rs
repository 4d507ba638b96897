use crate::Session;
use crate::server::{Server, address, agent};

#[test]
fn the_first_run_tells_where_the_server_is_and_how_to_make_the_first_account() {
    let session = Session::open();
    let engine = if session.is_postgres() { "PostgreSQL" } else { "SQLite" };
    let server = Server::start(&session, &["serve", "--listen", "127.0.0.1:0"]);
    let first = server.line();
    let address = address(&first);
    assert_eq!(agent().get(format!("{address}/healthz")).call().unwrap().status().as_u16(), 200);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(first, format!("Keyward {version} — {address} — data in ./keyward-data ({engine})"));
    let second = server.line();
    let setup = format!("No account yet. Make the first one (administrator): {address}/setup?token=");
    let token = second.strip_prefix(&setup).unwrap();
    assert_eq!(server.line(), "Mails go to files in ./keyward-data/mail");

    let (ended_well, more, log) = server.stop();
    assert!(ended_well, "{log}");
    assert_eq!(more, [""; 0]);
    assert!(!token.is_empty() && !log.contains(token), "{log}");
}

#[test]
fn a_later_run_does_not_offer_the_first_account_and_serve_is_the_default_command() {
    let session = Session::of_alice();
    let server = Server::start(
        &session,
        &["--listen", "127.0.0.1:0", "--base-url", "https://packages.example.com/k/"],
    );
    assert_eq!(address(&server.line()), "https://packages.example.com/k");
    assert_eq!(server.line(), "Mails go to files in ./keyward-data/mail");
}

#[test]
fn commands_work_beside_a_running_server_and_hold_at_once() {
    let session = Session::of_alice();
    let server = Server::start(&session, &["serve", "--listen", "127.0.0.1:0"]);
    let address = address(&server.line()).to_owned();
    let value = session
        .quietly("keyward key create --account alice --ecosystem rubygems --name ci --scope index_rubygems");
    let agent = agent();
    let status = || {
        let url = format!("{address}/rubygems/api/v1/gems.json");
        agent.get(url).header("Authorization", value.trim()).call().unwrap().status().as_u16()
    };
    assert_eq!(status(), 200);
    session.quietly(&format!("keyward key revoke {}", session.key_id("ci")));
    assert_eq!(status(), 401);

    let (_, _, log) = server.stop();
    assert!(!log.contains(value.trim()), "{log}");
}

#[test]
fn the_log_names_the_route_of_a_refusal_and_never_its_address() {
    let session = Session::of_alice();
    let server = Server::start(&session, &["serve", "--listen", "127.0.0.1:0"]);
    let first = server.line();
    let base = address(&first);
    for path in ["/gems/s3cret", "/rubygems/api/v1/gems/s3cret.json", "/password/reset/s3cret"] {
        let status = agent().get(format!("{base}{path}")).call().expect("it answers").status();
        assert_eq!(status, 404, "{path}");
    }
    let (_, _, log) = server.stop();
    for route in ["/gems/{name}", "/api/v1/gems/{name}", "/password/reset/{token}"] {
        assert!(log.contains(&format!("route=\"{route}\"")), "{route} is in {log}");
    }
    assert!(!log.contains("s3cret"), "{log}");
}

/// A client that has sent half a form and waits.
#[cfg(unix)]
fn stalled(address: &str) -> std::net::TcpStream {
    use std::io::Write as _;
    let mut client = std::net::TcpStream::connect(address).expect("the server listens");
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let head =
        format!("POST /sign_in HTTP/1.1\r\nHost: {address}\r\n{form}Content-Length: 1000\r\n\r\nlogin=");
    // A server without room has closed the connection.
    _ = client.write_all(head.as_bytes());
    client
}

#[test]
#[cfg(unix)]
fn clients_that_stall_do_not_use_up_the_file_handles() {
    let session = Session::of_alice();
    let server = Server::start_after(&session, "ulimit -n 128", "serve --listen 127.0.0.1:0");
    let first = server.line();
    let base = address(&first);
    let host = base.strip_prefix("http://").expect("it speaks HTTP");
    let held: Vec<_> = (0..300).map(|_| stalled(host)).collect();
    let began = std::time::Instant::now();
    let answers = || agent().get(format!("{base}/readyz")).call().is_ok_and(|answer| answer.status() == 200);
    while !answers() {
        assert!(began.elapsed() < std::time::Duration::from_secs(10), "it answers while they stall");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    drop(held);
    let (_, _, log) = server.stop();
    assert!(!log.contains("could not be accepted") && !log.contains("Too many open files"), "{log}");
}

#[test]
#[cfg(unix)]
fn the_limit_of_file_handles_is_raised_as_far_as_it_may_be() {
    let session = Session::of_alice();
    let server = Server::start_after(&session, "ulimit -S -n 64", "serve --listen 127.0.0.1:0");
    let first = server.line();
    let host = address(&first).strip_prefix("http://").expect("it speaks HTTP");
    let mut held: Vec<_> = (0..100).map(|_| stalled(host)).collect();
    // Whoever got no seat has been told so, or finds the connection closed.
    std::thread::sleep(std::time::Duration::from_millis(200));
    for client in &mut held {
        client.set_nonblocking(true).expect("a socket");
        let read = std::io::Read::read(client, &mut [0]);
        assert!(read.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock), "it is still held");
    }
}
