use std::{
    num::NonZeroU64,
    time::{Duration, Instant},
};

use testkit::{GemBuilder, RawConnection, TestApp};
use tokio::time::sleep;

use crate::{MOMENT, SHORT, address, half_a_form, head, patient};

/// Sends a byte now and then until the server has had enough; returns what it answered.
async fn drip(mut connection: RawConnection) -> String {
    let began = Instant::now();
    while began.elapsed() < 4 * MOMENT {
        connection.try_send(b"x").await;
        sleep(MOMENT / 10).await;
    }
    let answer = connection.rest().await;
    assert!(began.elapsed() < SHORT, "{:?}: {answer}", began.elapsed());
    answer
}

#[tokio::test]
async fn a_form_that_arrives_by_drips_is_given_up_after_its_total_of_time() {
    let app = patient(|settings| settings.limits.body_timeout = MOMENT).await;
    let answer = drip(half_a_form(&app, address(1)).await).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}

/// A push that has begun.
async fn begun_push(app: &TestApp, key: &str, length: usize) -> RawConnection {
    let mut connection = RawConnection::open(app.running()).await;
    let authorization = format!("Authorization: {key}\r\n");
    connection.send(head("POST", "/rubygems/api/v1/gems", &authorization, length).as_bytes()).await;
    connection
}

#[tokio::test]
async fn an_upload_that_arrives_by_drips_is_given_up() {
    let app = patient(|settings| {
        settings.limits.body_idle_timeout = MOMENT;
        settings.limits.bytes_per_second = NonZeroU64::new(1 << 20).expect("it is not 0");
    })
    .await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let answer = drip(begun_push(&app, &key.value, 1 << 20).await).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.ends_with("The upload ended before it was complete. Please push again."), "{answer}");
    assert_eq!(app.files_in("uploads"), Vec::<String>::new());
}

#[tokio::test]
async fn an_upload_that_goes_on_may_take_longer_than_any_form() {
    let app = patient(|settings| {
        settings.limits.body_timeout = MOMENT;
        settings.limits.body_idle_timeout = MOMENT;
    })
    .await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let gem = GemBuilder::new("hola", "1.0.0").build();
    let mut connection = begun_push(&app, &key.value, gem.len()).await;
    for part in gem.chunks(gem.len().div_ceil(30)) {
        sleep(MOMENT / 10).await;
        connection.send(part).await;
    }
    let answer = connection.next().await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn a_connection_without_a_request_and_a_head_by_drips_are_closed_in_their_time() {
    let app = patient(|settings| {
        settings.limits.idle_timeout = 2 * MOMENT;
        settings.limits.header_timeout = MOMENT;
    })
    .await;
    for begin in ["", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"] {
        let mut connection = RawConnection::open(app.running()).await;
        connection.send(begin.as_bytes()).await;
        let began = Instant::now();
        let answer = connection.rest().await;
        assert!(began.elapsed() >= MOMENT && began.elapsed() < SHORT, "{:?}", began.elapsed());
        assert_eq!(answer.starts_with("HTTP/1.1 200 "), !begin.is_empty(), "{answer}");
    }
    let mut connection = RawConnection::open(app.running()).await;
    connection.send(b"GET /healthz HTTP/1.1\r\nX-Slow: ").await;
    assert_eq!(drip(connection).await, "");
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answer_is_given_up() {
    let app = patient(|settings| settings.limits.write_timeout = MOMENT).await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let gem = GemBuilder::new("hola", "1.0.0").file("noise", noise(12 << 20)).build();
    assert_eq!(key.push(gem.clone()).await.status, 200);
    let ask = b"GET /rubygems/gems/hola-1.0.0.gem HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut connection = RawConnection::open_narrow(app.running()).await;
    connection.send(ask).await;
    sleep(4 * MOMENT).await;
    let read = connection.rest_bytes().await;
    assert!(read.starts_with(b"HTTP/1.1 200 ") && read.len() < gem.len(), "{} of {}", read.len(), gem.len());

    let mut reader = RawConnection::open(app.running()).await;
    reader.send(ask).await;
    assert!(reader.rest_bytes().await.len() > gem.len(), "who reads gets it all");
}

/// Bytes that cannot be packed.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

#[tokio::test]
async fn a_push_without_a_good_key_is_read_on_for_a_while_and_not_without_end() {
    let app = patient(|_| {}).await;
    let mut ordinary = begun_push(&app, "nonsense", 4 << 20).await;
    ordinary.send(&vec![b'x'; 4 << 20]).await;
    assert!(ordinary.next().await.starts_with("HTTP/1.1 401 "), "who sends an ordinary gem hears why");

    let mut endless = begun_push(&app, "nonsense", 1 << 30).await;
    let (part, mut sent) = (vec![b'x'; 1 << 20], 0);
    while sent < 256 && endless.takes(&part).await {
        sent += 1;
    }
    // What the sockets hold comes on top of what was read.
    assert!((64..128).contains(&sent), "{sent} MiB were taken");
}

#[tokio::test]
async fn a_push_that_asks_first_is_refused_before_a_byte_is_sent() {
    let app = patient(|_| {}).await;
    let mut connection = RawConnection::open(app.running()).await;
    let headers = "Authorization: nonsense\r\nExpect: 100-continue\r\n";
    connection.send(head("POST", "/rubygems/api/v1/gems", headers, 1 << 20).as_bytes()).await;
    let began = Instant::now();
    let answer = connection.rest().await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(began.elapsed() < Duration::from_secs(5), "nobody waited for the body");
}
