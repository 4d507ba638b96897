use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// A body of bytes that lie in several places in memory. Its length is known.
#[derive(Debug)]
pub(super) struct Segments {
    rest: std::vec::IntoIter<Bytes>,
}

impl Segments {
    pub(super) fn new(segments: Vec<Bytes>) -> Self {
        Self { rest: segments.into_iter() }
    }
}

impl Body for Segments {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.rest.next().map(|segment| Ok(Frame::data(segment))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.as_slice().is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.as_slice().iter().map(|segment| segment.len() as u64).sum())
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn a_body_gives_its_segments_in_order_and_knows_its_length() {
        let body = Segments::new(vec![Bytes::from_static(b"ab"), Bytes::from_static(b"cde")]);
        assert_eq!(body.size_hint().exact(), Some(5));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "abcde");
        assert!(Segments::new(Vec::new()).is_end_stream());
    }
}
