use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use futures_util::{StreamExt as _, stream::unfold};

/// Why a body ended before it was complete.
#[derive(Debug, thiserror::Error)]
enum Unsteady {
    #[error("the client sent nothing for too long")]
    Stalled,
    #[error(transparent)]
    Broken(#[from] axum::Error),
}

/// The same body, but it ends with an error when its client sends nothing for `idle`: whoever reads it waits for nobody.
pub(crate) fn steady(body: Body, idle: Duration) -> Body {
    if body.is_end_stream() {
        return body;
    }
    let chunks = unfold(Some(body.into_data_stream()), move |stream| async move {
        let mut stream = stream?;
        match tokio::time::timeout(idle, stream.next()).await {
            Ok(chunk) => chunk.map(|chunk| (chunk.map_err(Unsteady::from), Some(stream))),
            Err(_) => Some((Err(Unsteady::Stalled), None)),
        }
    });
    Body::from_stream(chunks)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;

    use super::*;

    async fn read(body: Body, idle: Duration) -> Result<Vec<u8>, String> {
        let read = axum::body::to_bytes(steady(body, idle), usize::MAX).await;
        read.map(Vec::from).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_body_that_goes_on_arrives_whole() {
        let idle = Duration::from_mins(1);
        let parts = Body::from_stream(stream::iter(["a", "b", "c"].map(Ok::<_, Infallible>)));
        assert_eq!(read(parts, idle).await.unwrap(), b"abc");
        assert_eq!(read(Body::empty(), idle).await.unwrap(), b"");
    }

    #[tokio::test]
    async fn a_body_that_stalls_ends_with_an_error() {
        let stalled = Body::from_stream(stream::iter([Ok::<_, Infallible>("a")]).chain(stream::pending()));
        let error = read(stalled, Duration::from_millis(20)).await.unwrap_err();
        assert!(error.contains("the client sent nothing for too long"), "{error}");
    }
}
