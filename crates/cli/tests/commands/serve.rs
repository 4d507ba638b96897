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
