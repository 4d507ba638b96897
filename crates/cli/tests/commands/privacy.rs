//! What other users of the machine could read.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use testkit::GemBuilder;

use crate::Session;
use crate::server::{Server, address, agent};

/// Everything below a folder, the folder included, that is not for its owner alone.
fn open_below(folder: &Path) -> Vec<PathBuf> {
    let mode = fs::symlink_metadata(folder).expect("it is there").permissions().mode();
    let mut open: Vec<_> = (mode & 0o077 != 0).then(|| folder.to_owned()).into_iter().collect();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        open.extend(open_below(&entry.expect("the folder can be read").path()));
    }
    open
}

#[test]
fn whatever_is_created_is_for_its_owner_alone_even_in_a_folder_that_is_open() {
    let session = Session::open();
    let data = session.path("keyward-data");
    session.quietly("umask 0; mkdir keyward-data; mkdir keyward-data/mail");
    session.quietly(
        "umask 0; echo 'correct horse' | keyward user add alice --email alice@example.com --password-stdin",
    );
    let key = "keyward key create --account alice --ecosystem rubygems --name ci --scope push_rubygem";
    let key = session.quietly(&format!("umask 0; {key}"));
    let server = Server::start_after(&session, "umask 0", "serve --listen 127.0.0.1:0");
    let first = server.line();
    let push = agent()
        .post(format!("{}/rubygems/api/v1/gems", address(&first)))
        .header("Authorization", key.trim())
        .send(&GemBuilder::new("hola", "1.0.0").build()[..]);
    assert_eq!(push.expect("it answers").status(), 200);
    let mails = || fs::read_dir(data.join("mail")).expect("there are mails").count();
    while mails() == 0 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let expected = [data.clone(), data.join("mail")];
    assert_eq!(open_below(&data), expected, "only what was there before stays as it was");
    assert!(session.is_postgres() || data.join("keyward.sqlite-wal").exists());

    let (_, _, log) = server.stop();
    for path in ["./keyward-data", "./keyward-data/mail"] {
        let warning = format!("{path} is open to other users of this machine: run `chmod go-rwx {path}`");
        assert!(log.contains(&warning), "{warning} is in {log}");
    }
}

#[test]
fn a_database_that_was_open_is_named_and_nothing_is_said_when_all_is_closed() {
    let session = Session::of_alice();
    let log = |before: &str| {
        let server = Server::start_after(&session, before, "serve --listen 127.0.0.1:0");
        server.line();
        server.stop().2
    };
    let closed = log("true");
    assert!(!closed.contains("is open to other users") && !closed.contains("unencrypted"), "{closed}");
    if session.is_postgres() {
        return;
    }
    let open = log("chmod 644 keyward-data/keyward.sqlite");
    let file = "./keyward-data/keyward.sqlite";
    for path in [file, &format!("{file}-wal"), &format!("{file}-shm")] {
        let warning = format!("{path} is open to other users of this machine: run `chmod go-rwx {path}`");
        assert!(open.contains(&warning), "{warning} is in {open}");
    }
}

#[test]
fn listening_beyond_the_machine_without_tls_is_warned_of() {
    let session = Session::of_alice();
    let log = |more: &str| {
        let server = Server::start_after(&session, "true", &format!("serve --listen 0.0.0.0:0 {more}"));
        server.line();
        server.stop().2
    };
    let warning = "passwords and keys cross the network unencrypted. Put a proxy with TLS in front, and set `base_url` to its \
                   https:// address";
    let in_the_clear = log("--base-url http://keys.example.com");
    assert!(in_the_clear.contains(warning), "{in_the_clear}");
    assert!(in_the_clear.contains("its base URL is http://keys.example.com"), "{in_the_clear}");
    assert!(log("").contains(warning));
    assert!(!log("--base-url https://keys.example.com").contains(warning));
}
