use std::time::{Duration, Instant};

use testkit::{RawConnection, TestApp};
use tokio::time::sleep;

use crate::{SHORT, address, half_a_form, head, health, patient};

/// When there is no room, a client that stalls is kept for so long.
const STALLED: Duration = Duration::from_secs(1);

/// A server for so many connections in all, and from one address.
async fn small(connections: usize, of_one: usize) -> TestApp {
    patient(|settings| {
        settings.limits.connections = Some(connections);
        settings.limits.connections_per_address = of_one;
    })
    .await
}

#[tokio::test]
async fn one_address_does_not_take_the_room_of_others_and_is_told_so() {
    let app = small(8, 4).await;
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(half_a_form(&app, address(2)).await);
    }
    // Until the server has read them.
    sleep(STALLED / 10).await;
    let refused = health(&app, address(2)).await;
    assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("\r\nRetry-After: 5\r\n"), "{refused}");
    assert!(refused.ends_with("The server has too many connections. Please try again.\n"), "{refused}");
    assert!(health(&app, address(3)).await.starts_with("HTTP/1.1 200 "));

    sleep(STALLED).await;
    let later = health(&app, address(2)).await;
    assert!(later.starts_with("HTTP/1.1 200 "), "a client that has stalled makes room: {later}");
    drop(held);
}

#[tokio::test]
async fn idle_connections_make_room_at_once_the_oldest_first() {
    let app = small(8, 4).await;
    let mut idle = Vec::new();
    for _ in 0..20 {
        let mut connection = RawConnection::open_from(app.running(), address(2)).await;
        connection.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        assert!(connection.next().await.starts_with("HTTP/1.1 200 "));
        idle.push(connection);
    }
    let mut youngest = idle.pop().expect("there are twenty");
    youngest.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(youngest.next().await.starts_with("HTTP/1.1 200 "));
    assert_eq!(idle.swap_remove(0).rest().await, "", "the oldest is closed");
}

#[tokio::test]
async fn many_addresses_that_stall_do_not_silence_the_server() {
    let app = small(8, 4).await;
    let mut held = Vec::new();
    for number in 0..40 {
        held.push(half_a_form(&app, address(100 + number)).await);
    }
    let began = Instant::now();
    while !health(&app, address(2)).await.starts_with("HTTP/1.1 200 ") {
        assert!(began.elapsed() < SHORT, "nobody is answered");
        sleep(STALLED / 10).await;
    }
    drop(held);
}

#[tokio::test]
async fn an_upload_that_is_being_answered_is_not_given_up_for_those_that_stall() {
    let app = small(4, 2).await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let gem = testkit::GemBuilder::new("hola", "1.0.0").build();
    let mut upload = RawConnection::open_from(app.running(), address(1)).await;
    let authorization = format!("Authorization: {}\r\n", key.value);
    upload.send(head("POST", "/rubygems/api/v1/gems", &authorization, gem.len()).as_bytes()).await;
    let mut held = Vec::new();
    for (number, part) in (0..).zip(gem.chunks(gem.len().div_ceil(30))) {
        upload.send(part).await;
        held.push(half_a_form(&app, address(100 + number)).await);
        sleep(STALLED / 15).await;
    }
    let answer = upload.next().await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_its_share() {
    let app = patient(|settings| {
        settings.limits.connections_per_address = 2;
        settings.limits.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    })
    .await;
    let send = async |client: &str| {
        let mut connection = RawConnection::open(app.running()).await;
        let from = format!("X-Forwarded-For: {client}\r\n");
        connection.send((head("POST", "/sign_in", &from, 1000) + "login=").as_bytes()).await;
        connection
    };
    let held = [send("192.0.2.1").await, send("192.0.2.1").await, send("192.0.2.2").await];
    sleep(STALLED / 10).await;
    let refused = send("192.0.2.1").await.rest().await;
    let refused = refused.to_lowercase();
    assert!(refused.starts_with("http/1.1 503 ") && refused.contains("\r\nretry-after: 5\r\n"), "{refused}");
    let mut free = send("192.0.2.2").await;
    free.send(&[b'x'; 994]).await;
    assert!(!free.next().await.starts_with("HTTP/1.1 503 "));
    drop(held);
}
