use std::fs;
use std::net::TcpListener;

use crate::Session;

#[test]
fn a_port_that_is_taken_is_named_with_what_to_do() {
    let session = Session::open();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap();
    let told = session.fails(&format!("keyward serve --listen {address}"));
    let expected =
        format!("error: The address {address} is in use by another program.\nhint: Stop the other program");
    assert!(told.contains(&expected), "{told}");
}

#[test]
fn a_data_folder_that_cannot_be_is_named_with_what_to_do() {
    let session = Session::open();
    fs::write(session.path("file"), "").unwrap();
    for command in ["serve --listen 127.0.0.1:0", "user list", "migrate", "check"] {
        let told = session.fails(&format!("keyward {command} --data file/data"));
        assert!(told.contains("error: The folder file/data cannot be written: "), "{command}: {told}");
        assert!(
            told.contains("\nhint: Choose a folder that you may write with `--data"),
            "{command}: {told}"
        );
    }
}

#[test]
fn a_database_that_does_not_answer_is_refused_without_its_password() {
    let session = Session::open();
    // Bound and not listened on by anything that speaks PostgreSQL: it was ours and is closed again.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://alice:sesame@127.0.0.1:{port}/keyward");
    let told = session.fails(&format!("keyward migrate --database-url {url}"));
    assert!(told.contains("error: The database cannot be used: "), "{told}");
    assert!(told.contains("\nhint: Check `--database-url`"), "{told}");
    assert!(!told.contains("sesame"), "{told}");
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let session = Session::open();
    fs::write(
        session.path("letter"),
        "Dear reader, this is no database, and it is long enough to be one.".repeat(20),
    )
    .unwrap();
    let told = session.fails("keyward user list --database-url sqlite:letter");
    assert!(told.starts_with("error: The database cannot be used: "), "{told}");
    assert!(fs::read_to_string(session.path("letter")).unwrap().starts_with("Dear reader"));
}
