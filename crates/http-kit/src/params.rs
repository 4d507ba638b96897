use std::fmt;

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Limited};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Largest body that holds parameters, in bytes.
pub const LARGEST_FORM: usize = 1024 * 1024;

/// Most parameters of a request, those of query and body together.
pub const MOST_PARAMS: usize = 2000;

/// The parameters of a request: query string and body (urlencoded, multipart or JSON) merged into one set, for every method. A
/// body without `Content-Type` counts as urlencoded. Of a repeated name the last one counts, and the body wins over the query.
#[derive(Debug, Clone, Default)]
pub struct Params(Vec<(String, String)>);

/// Parameters that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadParams {
    /// A NUL byte, a broken encoding, or a body that is not what its type says.
    #[error("bad request")]
    Malformed,
    /// The body is larger than parameters ever are.
    #[error("the request body is too large")]
    TooLarge,
    /// More parameters than any route takes.
    #[error("the request has too many parameters; at most {MOST_PARAMS} are read")]
    TooMany,
}

impl BadParams {
    /// The status of the answer.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Malformed | Self::TooMany => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        }
    }
}

impl IntoResponse for BadParams {
    fn into_response(self) -> Response {
        (self.status(), axum::Json(serde_json::json!({ "error": self.to_string() }))).into_response()
    }
}

impl Params {
    /// The value of a parameter, `None` when it is absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter, `None` when it is absent or empty.
    pub fn present(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// A yes or no in the way of Rails: absent and empty count as not given.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        let value = self.present(name)?;
        Some(!matches!(value, "false" | "0" | "f" | "F" | "FALSE" | "off" | "OFF"))
    }

    /// Parameters of an urlencoded text.
    pub fn parse_form(text: &[u8]) -> Result<Self, BadParams> {
        let mut params = Self::default();
        params.merge_form(text)?;
        Ok(params)
    }

    fn merge_form(&mut self, text: &[u8]) -> Result<(), BadParams> {
        form_urlencoded::parse(text)
            .try_for_each(|(name, value)| self.insert(name.into_owned(), value.into_owned()))
    }

    fn merge_json(&mut self, body: &[u8]) -> Result<(), BadParams> {
        let Members(members) = serde_json::from_slice(body).map_err(|_| BadParams::Malformed)?;
        members.into_iter().try_for_each(|(name, value)| self.insert(name, value))
    }

    async fn merge_multipart(&mut self, content_type: &str, body: Bytes) -> Result<(), BadParams> {
        let boundary = multer::parse_boundary(content_type).map_err(|_| BadParams::Malformed)?;
        let stream = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(body)]);
        let mut multipart = multer::Multipart::new(stream, boundary);
        while let Some(field) = multipart.next_field().await.map_err(|_| BadParams::Malformed)? {
            let Some(name) = field.name().map(str::to_owned) else { continue };
            let text = field.text().await.map_err(|_| BadParams::Malformed)?;
            self.insert(name, text)?;
        }
        Ok(())
    }

    fn insert(&mut self, name: String, value: String) -> Result<(), BadParams> {
        if name.contains('\0') || value.contains('\0') || value.contains(char::REPLACEMENT_CHARACTER) {
            return Err(BadParams::Malformed);
        }
        if self.0.len() == MOST_PARAMS {
            return Err(BadParams::TooMany);
        }
        self.0.push((name, value));
        Ok(())
    }
}

impl<S: Sync> FromRequest<S> for Params {
    type Rejection = BadParams;

    async fn from_request(request: Request<Body>, _: &S) -> Result<Self, BadParams> {
        let (parts, body) = request.into_parts();
        let mut params = Self::parse_form(parts.uri.query().unwrap_or_default().as_bytes())?;
        if !body.is_end_stream() {
            // Boxed, so that requests without a body stay small.
            Box::pin(params.merge_body(&parts.headers, body)).await?;
        }
        Ok(params)
    }
}

impl Params {
    async fn merge_body(&mut self, headers: &HeaderMap, body: Body) -> Result<(), BadParams> {
        let body = match Limited::new(body, LARGEST_FORM).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => return Err(BadParams::TooLarge),
            Err(_) => return Err(BadParams::Malformed),
        };
        if body.is_empty() {
            return Ok(());
        }
        let content_type =
            headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        match content_type.split(';').next().unwrap_or_default().trim() {
            "application/json" => self.merge_json(&body),
            "multipart/form-data" => self.merge_multipart(content_type, body).await,
            _ => self.merge_form(&body),
        }
    }
}

/// The members of a JSON object that are texts, numbers, or yes or no. Lists and objects are no parameters: they are passed over and
/// never kept, however large they are.
struct Members(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some((name, Scalar(value))) = map.next_entry::<String, Scalar>()? {
            // One more than can be is enough to be refused.
            members.extend(value.map(|value| (name, value)).filter(|_| members.len() <= MOST_PARAMS));
        }
        Ok(Members(members))
    }
}

/// The text of a value, unless it is `null`, a list or an object.
struct Scalar(Option<String>);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar(Some(text.to_owned())))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar(Some(value.to_string())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
        Ok(Scalar(Some(value.to_string())))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar(Some(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
        Ok(Scalar(Some(value.to_string())))
    }

    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Scalar, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(content_type: Option<&str>, uri: &str, body: &str) -> Result<Params, BadParams> {
        let mut request = Request::delete(uri);
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        Params::from_request(request.body(Body::from(body.to_owned())).unwrap(), &()).await
    }

    #[tokio::test]
    async fn query_and_body_are_one_set_also_for_delete() {
        let form = "application/x-www-form-urlencoded";
        let params = read(Some(form), "/?gem_name=a&version=1", "version=2&platform=java").await.unwrap();
        assert_eq!(
            (params.get("gem_name"), params.get("version"), params.get("platform")),
            (Some("a"), Some("2"), Some("java"))
        );
    }

    #[tokio::test]
    async fn a_body_without_type_is_urlencoded() {
        assert_eq!(read(None, "/", "email=a%40b.c").await.unwrap().get("email"), Some("a@b.c"));
    }

    #[tokio::test]
    async fn json_and_multipart_are_read() {
        let json = read(Some("application/json"), "/", r#"{"name":"ci","push_rubygem":true,"none":null}"#)
            .await
            .unwrap();
        assert_eq!(
            (json.get("name"), json.boolean("push_rubygem"), json.get("none")),
            (Some("ci"), Some(true), None)
        );
        let body = "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nci\r\n--x--\r\n";
        let multipart = read(Some("multipart/form-data; boundary=x"), "/", body).await.unwrap();
        assert_eq!(multipart.get("name"), Some("ci"));
    }

    #[tokio::test]
    async fn a_nul_byte_is_refused_wherever_it_stands() {
        assert_eq!(read(None, "/?a=%00", "").await.unwrap_err(), BadParams::Malformed);
        assert_eq!(read(None, "/", "a%00b=1").await.unwrap_err(), BadParams::Malformed);
        assert_eq!(
            read(Some("application/json"), "/", r#"{"a":"\u0000"}"#).await.unwrap_err(),
            BadParams::Malformed
        );
    }

    #[tokio::test]
    async fn a_huge_body_is_refused() {
        let body = "a=".to_owned() + &"x".repeat(LARGEST_FORM);
        assert_eq!(read(None, "/", &body).await.unwrap_err(), BadParams::TooLarge);
    }

    #[tokio::test]
    async fn more_parameters_than_any_route_takes_are_refused_in_each_form() {
        let pairs = |count: usize| (0..count).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
        assert!(read(None, "/", &pairs(MOST_PARAMS)).await.is_ok());
        assert_eq!(read(None, "/", &pairs(MOST_PARAMS + 1)).await.unwrap_err(), BadParams::TooMany);
        assert_eq!(read(None, "/?a=1", &pairs(MOST_PARAMS)).await.unwrap_err(), BadParams::TooMany);
        let members = (0..=MOST_PARAMS).map(|n| format!("\"p{n}\":1")).collect::<Vec<_>>().join(",");
        let json = read(Some("application/json"), "/", &format!("{{{members}}}")).await;
        assert_eq!(json.unwrap_err(), BadParams::TooMany);
        let part = |n| format!("--x\r\nContent-Disposition: form-data; name=\"p{n}\"\r\n\r\n1\r\n");
        let parts = (0..=MOST_PARAMS).map(part).collect::<String>() + "--x--\r\n";
        let multipart = read(Some("multipart/form-data; boundary=x"), "/", &parts).await;
        assert_eq!(multipart.unwrap_err(), BadParams::TooMany);
    }

    #[tokio::test]
    async fn lists_and_objects_are_no_parameters() {
        let json = r#"{"a":[1,[2]],"b":{"c":{}},"d":-1,"e":1.5,"f":false,"g":18446744073709551615}"#;
        let params = read(Some("application/json"), "/", json).await.unwrap();
        let read = ["a", "b", "d", "e", "f", "g"].map(|name| params.get(name));
        let expected = [None, None, Some("-1"), Some("1.5"), Some("false"), Some("18446744073709551615")];
        assert_eq!(read, expected);
        for no_object in ["[]", "1", "{\"a\":", "{\"a\":[}"] {
            let refused = self::read(Some("application/json"), "/", no_object).await;
            assert_eq!(refused.unwrap_err(), BadParams::Malformed, "{no_object}");
        }
    }

    #[test]
    fn booleans_are_read_as_rails_does() {
        let params = Params::parse_form(b"a=true&b=false&c=0&d=off&e=&f=1&g=F").unwrap();
        let read = |name| params.boolean(name);
        assert_eq!(
            ["a", "b", "c", "d", "e", "f", "g", "h"].map(read),
            [Some(true), Some(false), Some(false), Some(false), None, Some(true), Some(false), None]
        );
    }
}
