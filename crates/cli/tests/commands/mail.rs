use std::fs;

use crate::Session;
use crate::server::Server;

#[test]
fn every_mail_can_be_looked_at_without_a_server_or_a_database() {
    let session = Session::open();
    let told = session.quietly("keyward mail preview --to out/mails");
    let mut names: Vec<_> = fs::read_dir(session.path("out/mails"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let texts =
        names.iter().filter(|name| name.split_once('.').is_some_and(|(_, kind)| kind == "txt")).count();
    assert_eq!((told, names.len()), (format!("{texts} mails are written to out/mails\n"), 2 * texts));
    assert!(!session.path("keyward-data").exists(), "nothing else is made");

    let text = fs::read_to_string(session.path("out/mails/key_expires_soon.txt")).unwrap();
    assert!(text.starts_with("Subject: The key ci <nightly> is about to expire\n\nHello alice,\n"), "{text}");
    let html = fs::read_to_string(session.path("out/mails/key_expires_soon.html")).unwrap();
    assert!(html.starts_with("<!doctype html>") && html.contains("ci &#60;nightly&#62;"), "{html}");

    session.quietly("keyward mail preview --to out/mails");
}

#[test]
fn a_folder_that_cannot_be_is_named() {
    let session = Session::open();
    fs::write(session.path("file"), "").unwrap();
    let told = session.fails("keyward mail preview --to file/mails");
    assert!(told.contains("error: The folder file/mails cannot be written: "), "{told}");
}

#[test]
fn the_first_lines_say_which_mail_server_takes_the_mails() {
    let session = Session::of_alice();
    let words = ["--listen", "127.0.0.1:0", "--mail-host", "smtp.example.com", "--mail-security", "tls"];
    let server = Server::start(&session, &words);
    server.line();
    assert_eq!(server.line(), "Mails go to smtp.example.com:465 (TLS)");
}

#[test]
fn a_mail_server_that_cannot_be_used_as_asked_is_named_with_what_to_do() {
    let session = Session::open();
    let host = "keyward serve --listen 127.0.0.1:0 --mail-host smtp.example.com";
    let told = session.fails(&format!("{host} --mail-ca-file missing.pem"));
    assert!(
        told.contains(
            "error: The mail server cannot be used: the file of certificates missing.pem cannot be read: "
        ),
        "{told}"
    );
    assert!(told.contains("\nhint: Check the section `[mail]`"), "{told}");
    let told = session.fails(&format!("KEYWARD_MAIL_PASSWORD=sesame {host}"));
    assert!(told.contains("but `mail.user` is not set"), "{told}");
    assert!(told.contains("`[mail]`") && told.contains("KEYWARD_MAIL_USER"), "{told}");
    assert!(!told.contains("sesame"), "{told}");
}
