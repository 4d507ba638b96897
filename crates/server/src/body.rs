//! The bodies of requests: they end when their clients take too long.

use std::{sync::Arc, time::Instant};

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream::unfold};
use http_kit::BodyKind;

use crate::{config::Limits, connections::Link, pace::Pace};

/// Why a body ended before it was complete.
#[derive(Debug, thiserror::Error)]
enum Unfinished {
    #[error("the client sent nothing for too long, or too slowly")]
    Stalled,
    #[error(transparent)]
    Broken(#[from] axum::Error),
}

/// A body while it is read.
struct Reading {
    stream: BodyDataStream,
    kind: BodyKind,
    /// Known with the first look, when the route has said what it reads.
    pace: Option<Pace>,
    limits: Arc<Limits>,
    link: Arc<Link>,
}

/// The same body, but it ends with an error when its client takes too long for a body of its kind: whoever reads it waits for nobody.
/// Meanwhile the connection says that it waits for its client.
pub(crate) fn paced(body: Body, kind: BodyKind, limits: Arc<Limits>, link: Arc<Link>) -> Body {
    let reading = Reading { stream: body.into_data_stream(), kind, pace: None, limits, link };
    let chunks = unfold(Some(reading), |reading| async {
        let mut reading = reading?;
        match reading.next().await {
            Ok(chunk) => chunk.map(|chunk| (Ok(chunk), Some(reading))),
            Err(unfinished) => Some((Err(unfinished), None)),
        }
    });
    // Whoever reads on after the end finds it again.
    Body::from_stream(chunks.fuse())
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Bytes>, Unfinished> {
        let pace = self.pace.get_or_insert_with(|| pace_of(&self.kind, &self.limits));
        let (_waiting, began) = (self.link.wait_for_client(), Instant::now());
        let chunk = tokio::time::timeout(pace.left(), self.stream.next()).await;
        let chunk = chunk.map_err(|_| Unfinished::Stalled)?.transpose()?;
        pace.waited(began.elapsed());
        pace.moved(chunk.as_ref().map_or(0, Bytes::len));
        Ok(chunk)
    }
}

fn pace_of(kind: &BodyKind, limits: &Limits) -> Pace {
    if kind.is_upload() {
        Pace::at_least(limits.bytes_per_second, limits.body_idle_timeout)
    } else {
        Pace::in_total(limits.body_timeout)
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, num::NonZeroU64, time::Duration};

    use futures_util::stream;

    use super::*;
    use crate::Settings;

    /// Reads a body whose upload may pause for `upload`, and which may take `form` as a form.
    async fn read(body: Body, kind: BodyKind, upload: Duration, form: Duration) -> Result<Vec<u8>, String> {
        let mut limits = Settings::load(&crate::Flags::default(), |_| None).unwrap().limits;
        (limits.body_idle_timeout, limits.body_timeout) = (upload, form);
        limits.bytes_per_second = NonZeroU64::new(1).unwrap();
        let link = Arc::new(Link::new(Instant::now()));
        let read = axum::body::to_bytes(paced(body, kind, Arc::new(limits), link), usize::MAX).await;
        read.map(Vec::from).map_err(|error| error.to_string())
    }

    fn upload() -> BodyKind {
        let kind = BodyKind::default();
        kind.set_upload();
        kind
    }

    const SHORT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn a_body_that_goes_on_arrives_whole() {
        let parts = || Body::from_stream(stream::iter(["a", "b", "c"].map(Ok::<_, Infallible>)));
        assert_eq!(read(parts(), upload(), LONG, SHORT).await.unwrap(), b"abc");
        assert_eq!(read(parts(), BodyKind::default(), SHORT, LONG).await.unwrap(), b"abc");
        assert_eq!(read(Body::empty(), upload(), LONG, LONG).await.unwrap(), b"");
    }

    #[tokio::test]
    async fn a_body_that_stalls_ends_with_an_error_in_the_time_for_its_kind() {
        let stalled = || Body::from_stream(stream::iter([Ok::<_, Infallible>("a")]).chain(stream::pending()));
        for (kind, upload, form) in [(upload(), SHORT, LONG), (BodyKind::default(), LONG, SHORT)] {
            let error = read(stalled(), kind, upload, form).await.unwrap_err();
            assert!(error.contains("the client sent nothing for too long"), "{error}");
        }
    }
}
