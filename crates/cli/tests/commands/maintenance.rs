use std::fs;

use serde_json::json;
use testkit::GemBuilder;

use crate::Session;
use crate::server::{Server, address, agent};

/// Publishes a gem as `alice`, on a server that runs for as long as that takes.
fn publish(session: &Session, name: &str) {
    let key = session.quietly(
        "keyward key create --account alice --ecosystem rubygems --name push --scope push_rubygem 2>/dev/null",
    );
    let server = Server::start(session, &["--listen", "127.0.0.1:0"]);
    let url = format!("{}/rubygems/api/v1/gems", address(&server.line()));
    let request = agent().post(url).header("Authorization", key.trim());
    let answer = request.send(GemBuilder::new(name, "1.0.0").build().as_slice());
    let mut answer = answer.expect("the server answers");
    assert_eq!(answer.status().as_u16(), 200, "{:?}", answer.body_mut().read_to_string());
    assert!(server.stop().0);
}

#[test]
fn migrate_says_the_version_of_the_schema() {
    let told = Session::open().quietly("keyward migrate && keyward migrate");
    let versions: Vec<_> = told
        .lines()
        .map(|line| {
            line.strip_prefix("The database has schema version ").and_then(|rest| rest.strip_suffix('.'))
        })
        .collect();
    assert!(versions.len() == 2 && versions[0] == versions[1], "{told}");
    assert!(versions[0].is_some_and(|version| version.parse::<u32>().is_ok()), "{told}");
}

#[test]
fn a_check_passes_while_everything_is_there_and_names_what_is_not() {
    let session = Session::of_alice();
    publish(&session, "hola");
    assert!(session.quietly("keyward check").contains("artifacts: "));
    let report = session.json("keyward check --json");
    assert_eq!((&report["ok"], &report["problems"]), (&json!(true), &json!([])));

    fs::remove_dir_all(session.path("keyward-data/blobs")).unwrap();
    let told = session.fails("keyward check");
    let problems = told.lines().filter(|line| line.starts_with("problem: ") && line.contains("missing"));
    assert_eq!(problems.count(), 2, "{told}");
    assert!(told.contains("\nerror: The check found 2 problems.\nhint: "), "{told}");
    let report = session.json("keyward check --json || true");
    assert_eq!(report["ok"], json!(false));
    assert!(!report["problems"].as_array().unwrap().is_empty());
}

#[test]
fn a_rebuilt_index_lists_the_same_gems() {
    let session = Session::of_alice();
    publish(&session, "hola");
    assert_eq!(session.quietly("keyward rebuild-index"), "The index of gems is written anew.\n");
    let server = Server::start(&session, &["--listen", "127.0.0.1:0"]);
    let url = format!("{}/rubygems/versions", address(&server.line()));
    let versions = agent().get(url).call().unwrap().body_mut().read_to_string().unwrap();
    assert_eq!(versions.lines().filter(|line| line.starts_with("hola 1.0.0 ")).count(), 1, "{versions}");
}
