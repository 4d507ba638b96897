//! What a route does with a large body: it says that it takes packages, or reads on a little after a refusal.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use http::{HeaderMap, header};

/// At most so many bytes of a refused body are still read.
const DRAINED_BYTES: usize = 64 * 1024 * 1024;
/// And for so long at most.
const DRAINED_TIME: Duration = Duration::from_secs(10);

/// Whether the body of a request is a package: then it may take long, as long as it goes on. The server puts this on each request with a
/// body; the route says it, before anything is read.
#[derive(Debug, Clone, Default)]
pub struct BodyKind(Arc<AtomicBool>);

impl BodyKind {
    /// Whether it is a package.
    pub fn is_upload(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// It is a package.
    pub fn set_upload(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Reads what is still coming of a body that is refused and drops it, up to 64 MiB and for up to ten seconds: clients read no answer
/// before they have sent everything. After that the connection is closed, whether the client has heard why or not.
pub async fn drain<E>(mut body: impl Stream<Item = Result<Bytes, E>> + Unpin) {
    let everything = async {
        let mut left = DRAINED_BYTES;
        while let Some(Ok(chunk)) = body.next().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                return;
            }
        }
    };
    // Whoever takes longer has been heard long enough.
    _ = tokio::time::timeout(DRAINED_TIME, everything).await;
}

/// Does the same for a body of which nothing was read yet. A client that asks before it sends it (`Expect: 100-continue`) gets its answer
/// at once, and sends nothing.
pub async fn drain_unread<E>(headers: &HeaderMap, body: impl Stream<Item = Result<Bytes, E>> + Unpin) {
    let asks = headers
        .get(header::EXPECT)
        .is_some_and(|expect| expect.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    if !asks {
        drain(body).await;
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use tokio::time::Instant;

    use super::*;

    /// What is read of a body in chunks of a mebibyte, and how long that takes.
    async fn drained(headers: &HeaderMap, pause: Duration) -> (usize, Duration) {
        let (mut read, began, mebibyte) = (0, Instant::now(), Bytes::from(vec![0; 1 << 20]));
        let body = stream::repeat(()).then(|()| tokio::time::sleep(pause)).map(|()| {
            read += 1;
            Ok::<_, Infallible>(mebibyte.clone())
        });
        drain_unread(headers, Box::pin(body)).await;
        (read, began.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_body_is_read_on_for_64_mebibytes_or_ten_seconds() {
        let nothing = HeaderMap::new();
        assert_eq!(drained(&nothing, Duration::ZERO).await.0, 64);
        assert_eq!(drained(&nothing, Duration::from_secs(3)).await, (3, DRAINED_TIME));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_asks_first_is_answered_at_once() {
        let asks = HeaderMap::from_iter([(header::EXPECT, "100-Continue".parse().unwrap())]);
        assert_eq!(drained(&asks, Duration::ZERO).await, (0, Duration::ZERO));
    }
}
