//! Requests that are more, or other, than they say.

use testkit::RawConnection;

use crate::{head, patient};

/// What a server answers to these bytes, until it closes the connection.
async fn answers(bytes: &[u8]) -> String {
    let app = patient(|_| {}).await;
    let mut connection = RawConnection::open(app.running()).await;
    connection.try_send(bytes).await;
    connection.rest().await
}

#[tokio::test]
async fn requests_that_come_at_once_are_answered_in_their_order() {
    let get = |path: &str, more: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n");
    let all = [get("/healthz", ""), get("/nothing", ""), get("/readyz", "Connection: close\r\n")].concat();
    let answers = answers(all.as_bytes()).await;
    let status = |answer: &str| answer.get(..3).unwrap_or_default().to_owned();
    let statuses: Vec<_> = answers.split("HTTP/1.1 ").skip(1).map(status).collect();
    assert_eq!(statuses, ["200", "404", "200"], "{answers}");
}

#[tokio::test]
async fn what_comes_after_the_length_of_a_body_is_no_part_of_it() {
    let sign_in = head("POST", "/sign_in", "", 7) + "login=a&password=b\r\n\r\n";
    let answers = answers(sign_in.as_bytes()).await;
    let rest = answers.strip_prefix("HTTP/1.1 4").unwrap_or_default();
    assert!(rest.contains("HTTP/1.1 400 "), "the rest is another request, and none that can be: {answers}");
}

#[tokio::test]
async fn a_body_of_two_lengths_is_refused() {
    for headers in ["Content-Length: 6\r\n", "Content-Length: x\r\n"] {
        let answers = answers((head("POST", "/sign_in", headers, 7) + "login=a").as_bytes()).await;
        assert!(answers.starts_with("HTTP/1.1 400 "), "{answers}");
    }
}

#[tokio::test]
async fn heads_that_are_too_large_are_refused() {
    for headers in
        [format!("X: {}\r\n", "x".repeat(80 * 1024)), "X: y\r\n".repeat(200), "X: y\r\n".repeat(20_000)]
    {
        let answers = answers(format!("GET / HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").as_bytes()).await;
        assert!(answers.starts_with("HTTP/1.1 431 "), "{answers}");
    }
}
