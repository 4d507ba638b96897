//! Clients that say little, say it slowly or not at all, and many of them: on real sockets, with times that are short.

mod crowds;
mod requests;
mod slowness;

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use server::Settings;
use testkit::{RawConnection, TestApp};

/// A time that a test waits for.
const MOMENT: Duration = Duration::from_millis(300);
/// Longer than any server takes that does not wait for something.
const SHORT: Duration = Duration::from_secs(10);

/// A server with these settings, whose clients otherwise have all the time in the world.
async fn patient(change: impl FnOnce(&mut Settings)) -> TestApp {
    TestApp::start_with(|settings| {
        let limits = &mut settings.limits;
        for time in [
            &mut limits.header_timeout,
            &mut limits.idle_timeout,
            &mut limits.body_timeout,
            &mut limits.body_idle_timeout,
            &mut limits.write_timeout,
        ] {
            *time = Duration::from_hours(1);
        }
        change(settings);
    })
    .await
}

/// One of the addresses of this machine.
fn address(last: u8) -> IpAddr {
    Ipv4Addr::new(127, 0, 0, last).into()
}

/// A connection from an address on which so far half a form was sent.
async fn half_a_form(app: &TestApp, from: IpAddr) -> RawConnection {
    let mut connection = RawConnection::open_from(app.running(), from).await;
    connection.try_send(head("POST", "/sign_in", "", 1000).as_bytes()).await;
    connection.try_send(b"login=").await;
    connection
}

/// The head of a request with a body of this length. Further headers end their lines themselves.
fn head(method: &str, path: &str, headers: &str, length: usize) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n{headers}\
         Content-Length: {length}\r\n\r\n"
    )
}

/// What `/healthz` answers on a new connection from an address, up to its first line.
async fn health(app: &TestApp, from: IpAddr) -> String {
    let mut connection = RawConnection::open_from(app.running(), from).await;
    connection.try_send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    connection.rest().await
}
