//! Answers in the format that was asked for.

use axum::{
    Json,
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, stream};
use http::{HeaderMap, HeaderName, Uri, header};
use http_kit::{Format, split_format, yaml};
use serde_json::{Value, json};

use crate::GemResult;

/// A list of up to so many bytes is made whole before it is sent. Of a longer one only a piece is held at a time.
const WHOLE: usize = 1024 * 1024;

/// The least bytes that a piece of a list has, if there are so many.
const PIECE: usize = 16 * 1024;

const YAML: [(HeaderName, &str); 2] =
    [(header::CONTENT_TYPE, "text/yaml; charset=utf-8"), (header::CONTENT_DISPOSITION, "attachment")];

/// A document as JSON, or as YAML where the path or `Accept` asks for it.
pub(super) fn document(value: &Value, uri: &Uri, headers: &HeaderMap) -> Response {
    if is_yaml(uri, headers) { (YAML, yaml(value)).into_response() } else { Json(value).into_response() }
}

fn is_yaml(uri: &Uri, headers: &HeaderMap) -> bool {
    let format = split_format(uri.path()).1.unwrap_or_else(|| Format::accepted(headers, Format::Json));
    format == Format::Yaml
}

/// A list of documents in the format that was asked for: the same bytes as [`document`] gives, however long the list is.
pub(super) async fn list(
    items: impl Stream<Item = GemResult<Value>> + Send + 'static,
    uri: &Uri,
    headers: &HeaderMap,
) -> GemResult<Response> {
    let is_yaml = is_yaml(uri, headers);
    let mut pieces = Box::pin(pieces(items, is_yaml));
    let (mut first, mut length) = (Vec::new(), 0);
    let body = loop {
        match pieces.next().await.transpose()? {
            None => break Body::from(first.concat()),
            Some(piece) => {
                length += piece.len();
                first.push(piece);
            }
        }
        if length > WHOLE {
            // A failure from here on ends the connection before the end of the body: the error itself is in the log.
            let rest = pieces.map(|piece| piece.map_err(|_| "the list could not be read to its end"));
            break Body::from_stream(stream::iter(first).map(Ok).chain(rest));
        }
    };
    Ok(if is_yaml {
        (YAML, body).into_response()
    } else {
        ([(header::CONTENT_TYPE, "application/json")], body).into_response()
    })
}

/// A list as a row of pieces.
fn pieces(
    items: impl Stream<Item = GemResult<Value>> + Send + 'static,
    is_yaml: bool,
) -> impl Stream<Item = GemResult<Bytes>> + Send {
    let begin = Some((Box::pin(items), true));
    stream::try_unfold(begin, move |state| async move {
        let Some((mut items, mut is_first)) = state else { return Ok(None) };
        let mut piece = BytesMut::new();
        while piece.len() < PIECE {
            let Some(item) = items.next().await.transpose()? else {
                piece.extend_from_slice(end(is_yaml, is_first).as_bytes());
                return Ok(Some((piece.freeze(), None)));
            };
            piece.extend_from_slice(entry(item, is_yaml, is_first).as_bytes());
            is_first = false;
        }
        Ok(Some((piece.freeze(), Some((items, is_first)))))
    })
}

/// One item with what stands before it.
fn entry(item: Value, is_yaml: bool, is_first: bool) -> String {
    if !is_yaml {
        return format!("{}{item}", if is_first { '[' } else { ',' });
    }
    let alone = yaml(&Value::Array(vec![item]));
    if is_first { alone } else { alone.trim_start_matches("---\n").to_owned() }
}

/// What stands behind the last item.
fn end(is_yaml: bool, is_empty: bool) -> String {
    match (is_yaml, is_empty) {
        (true, true) => yaml(&json!([])),
        (true, false) => String::new(),
        (false, true) => "[]".to_owned(),
        (false, false) => "]".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;
    use crate::GemError;

    async fn listed(values: &[Value], path: &str) -> (HeaderMap, Bytes) {
        let items = stream::iter(values.to_vec()).map(Ok);
        let answer = list(items, &path.parse().unwrap(), &HeaderMap::new()).await.unwrap();
        let (parts, body) = answer.into_parts();
        (parts.headers, body.collect().await.unwrap().to_bytes())
    }

    #[tokio::test]
    async fn a_list_has_the_bytes_of_a_document_however_long_it_is() {
        let item = |number: usize| json!({ "number": number, "text": "x".repeat(1000), "list": [1, "a: b"] });
        for count in [0, 1, 2, 30, 3000] {
            let values: Vec<_> = (0..count).map(item).collect();
            for path in ["/a.json", "/a.yaml", "/a"] {
                let whole =
                    document(&Value::Array(values.clone()), &path.parse().unwrap(), &HeaderMap::new());
                let (parts, body) = whole.into_parts();
                let (headers, bytes) = listed(&values, path).await;
                assert_eq!(headers, parts.headers, "{path}, {count}");
                assert_eq!(bytes, body.collect().await.unwrap().to_bytes(), "{path}, {count}");
            }
        }
    }

    #[tokio::test]
    async fn only_a_piece_of_a_long_list_is_held() {
        let items = stream::iter(0..1_000_000).map(|number| Ok(json!([number, "x".repeat(100)])));
        let answer = list(items, &"/a.json".parse().unwrap(), &HeaderMap::new()).await.unwrap();
        let mut pieces = answer.into_body().into_data_stream();
        while let Some(piece) = pieces.next().await {
            assert!(piece.unwrap().len() < 2 * PIECE);
        }
    }

    #[tokio::test]
    async fn a_list_that_fails_early_is_an_error() {
        let items = stream::iter([Ok(json!(1)), Err(GemError::Internal)]);
        let failed = list(items, &"/a.json".parse().unwrap(), &HeaderMap::new()).await;
        assert!(matches!(failed, Err(GemError::Internal)));
    }
}
