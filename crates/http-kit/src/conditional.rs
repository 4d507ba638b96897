//! Conditional requests and ranges (RFC 9110, sections 13 and 14): how much of a body has to be sent.

use std::ops::Range;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::{
    Timestamp,
    fmt::rfc2822::{DateTimeParser, DateTimePrinter},
};

static DATES: DateTimeParser = DateTimeParser::new();

/// What the server knows of the body that a plain request would get.
#[derive(Debug, Clone, Copy)]
pub struct Representation<'a> {
    /// Its entity tag as the `ETag` header says it: with quotes, and `W/` before them when it is weak.
    pub etag: &'a str,
    /// When it last changed.
    pub last_modified: Timestamp,
    /// Its length in bytes.
    pub length: u64,
    /// Whether parts of it may be sent. Only for GET: no other method has ranges.
    pub ranges: bool,
}

/// How to answer a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The whole body: 200.
    Full,
    /// Nothing, since the client has it: 304.
    NotModified,
    /// These bytes: 206.
    Part(Range<u64>),
}

/// Decides how to answer a request with these headers at the instant `now`.
///
/// `If-None-Match` comes first, by weak comparison; `If-Modified-Since` counts only without it, and `Range` only when neither says
/// that nothing changed. A range that is malformed, of several parts, or beyond the end is answered with the whole body, never
/// with 416: clients of package indexes cannot recover from that.
pub fn evaluate(request: &HeaderMap, body: &Representation<'_>, now: Timestamp) -> Answer {
    let unchanged = if request.contains_key(header::IF_NONE_MATCH) {
        has_tag(request, body.etag)
    } else {
        is_older(request, body.last_modified, now)
    };
    if unchanged {
        return Answer::NotModified;
    }
    if !body.ranges || !range_applies(request, body.etag) {
        return Answer::Full;
    }
    single_range(request, body.length).map_or(Answer::Full, Answer::Part)
}

/// Writes an instant as headers have it: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub fn http_date(instant: Timestamp) -> HeaderValue {
    let text = DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&instant)
        .expect("instants since 1970 have years of four digits");
    header_value(&text)
}

/// The value of `Content-Range` for a part of a body of `length` bytes. The part is not empty.
pub fn content_range(part: &Range<u64>, length: u64) -> HeaderValue {
    header_value(&format!("bytes {}-{}/{length}", part.start, part.end - 1))
}

fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("dates and numbers are visible ASCII")
}

/// Whether `If-None-Match` names the tag. Clients that forget the quotes are understood.
fn has_tag(request: &HeaderMap, etag: &str) -> bool {
    let own = opaque(etag);
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || opaque(tag) == own)
}

/// A tag without the mark of weakness and without quotes.
fn opaque(etag: &str) -> &str {
    etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"')
}

/// Whether the body is certainly older than `If-Modified-Since`.
///
/// Dates have whole seconds, so a change within that very second may have come after the client's copy. A date in the future is
/// no memory of anything, and a date that cannot be read is none.
fn is_older(request: &HeaderMap, last_modified: Timestamp, now: Timestamp) -> bool {
    one(request, &header::IF_MODIFIED_SINCE)
        .and_then(|date| DATES.parse_timestamp(date).ok())
        .is_some_and(|date| last_modified.as_second() < date.as_second() && date <= now)
}

/// Whether `If-Range` lets a range through: it has to be the very tag, and a strong one. Dates are too coarse to say so.
fn range_applies(request: &HeaderMap, etag: &str) -> bool {
    !request.contains_key(header::IF_RANGE)
        || (one(request, &header::IF_RANGE) == Some(etag) && !etag.starts_with("W/"))
}

/// The one range of bytes that is asked for, cut at the end of the body.
fn single_range(request: &HeaderMap, length: u64) -> Option<Range<u64>> {
    let (first, last) = one(request, &header::RANGE)?.strip_prefix("bytes=")?.split_once('-')?;
    let (first, last) = (first.trim(), last.trim());
    let range = match (number(first), number(last)) {
        (None, Some(suffix)) if first.is_empty() => length.saturating_sub(suffix)..length,
        (Some(first), None) if last.is_empty() => first..length,
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(length),
        _ => return None,
    };
    (!range.is_empty()).then_some(range)
}

/// Reads digits, and nothing but digits.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// The value of a header that stands there once.
fn one<'a>(request: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = request.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: &str = "\"0123456789abcdef0123456789abcdef\"";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn answer_for(etag: &str, ranges: bool, headers: &[(HeaderName, &str)]) -> Answer {
        let mut request = HeaderMap::new();
        for (name, value) in headers {
            request.append(name.clone(), HeaderValue::from_str(value).unwrap());
        }
        let last_modified = at("2026-03-04T05:06:07.5Z");
        let body = Representation { etag, last_modified, length: 100, ranges };
        evaluate(&request, &body, at("2026-03-04T06:00:00Z"))
    }

    fn answer(headers: &[(HeaderName, &str)]) -> Answer {
        answer_for(TAG, true, headers)
    }

    #[test]
    fn a_request_without_conditions_gets_everything() {
        assert_eq!(answer(&[]), Answer::Full);
    }

    #[test]
    fn a_known_tag_means_not_modified() {
        let weak = format!("W/{TAG}");
        let list = format!("\"other\", {weak}");
        for known in [TAG, &weak, &list, TAG.trim_matches('"'), "*"] {
            assert_eq!(answer(&[(header::IF_NONE_MATCH, known)]), Answer::NotModified, "{known}");
        }
        let lines = [(header::IF_NONE_MATCH, "\"other\""), (header::IF_NONE_MATCH, TAG)];
        assert_eq!(answer(&lines), Answer::NotModified);
        for unknown in ["\"other\"", "", "W/", "\"0123456789ABCDEF0123456789ABCDEF\""] {
            assert_eq!(answer(&[(header::IF_NONE_MATCH, unknown)]), Answer::Full, "{unknown}");
        }
    }

    #[test]
    fn a_weak_tag_of_ours_is_compared_without_its_mark() {
        let known = [(header::IF_NONE_MATCH, "W/\"7\"")];
        assert_eq!(answer_for("W/\"7\"", false, &known), Answer::NotModified);
    }

    #[test]
    fn tags_come_before_dates_and_ranges() {
        let late = "Wed, 04 Mar 2026 05:30:00 GMT";
        let changed = [(header::IF_NONE_MATCH, "\"other\""), (header::IF_MODIFIED_SINCE, late)];
        assert_eq!(answer(&changed), Answer::Full);
        let known = [(header::IF_NONE_MATCH, TAG), (header::RANGE, "bytes=10-")];
        assert_eq!(answer(&known), Answer::NotModified);
        let grown = [(header::IF_NONE_MATCH, "\"other\""), (header::RANGE, "bytes=10-")];
        assert_eq!(answer(&grown), Answer::Part(10..100));
    }

    #[test]
    fn only_a_later_second_in_the_past_means_not_modified() {
        let cases = [
            ("Wed, 04 Mar 2026 05:06:08 GMT", Answer::NotModified),
            ("Wed, 04 Mar 2026 06:00:00 GMT", Answer::NotModified),
            // The same second: the change may have come after the copy.
            ("Wed, 04 Mar 2026 05:06:07 GMT", Answer::Full),
            ("Wed, 04 Mar 2026 05:06:06 GMT", Answer::Full),
            // Later than now.
            ("Wed, 04 Mar 2026 06:00:01 GMT", Answer::Full),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Answer::Full),
            // Not a date: the wrong weekday, another format, none at all.
            ("Mon, 04 Mar 2026 05:30:00 GMT", Answer::Full),
            ("2026-03-04T05:30:00Z", Answer::Full),
            ("yesterday", Answer::Full),
            ("", Answer::Full),
        ];
        for (date, expected) in cases {
            assert_eq!(answer(&[(header::IF_MODIFIED_SINCE, date)]), expected, "{date}");
        }
    }

    #[test]
    fn one_range_within_the_body_gives_a_part() {
        let cases = [
            ("bytes=0-", 0..100),
            ("bytes=99-", 99..100),
            ("bytes=10-19", 10..20),
            ("bytes=10-10", 10..11),
            ("bytes=90-1000", 90..100),
            ("bytes=90-18446744073709551615", 90..100),
            ("bytes=-5", 95..100),
            ("bytes=-1000", 0..100),
        ];
        for (range, expected) in cases {
            assert_eq!(answer(&[(header::RANGE, range)]), Answer::Part(expected), "{range}");
        }
    }

    #[test]
    fn any_other_range_gives_everything() {
        let others = [
            "bytes=100-",
            "bytes=200-300",
            "bytes=-0",
            "bytes=20-10",
            "bytes=0-1,5-6",
            "bytes=-",
            "bytes=",
            "bytes=+1-",
            "bytes=a-b",
            "bytes=99999999999999999999-",
            "lines=1-2",
            "10-20",
        ];
        for range in others {
            assert_eq!(answer(&[(header::RANGE, range)]), Answer::Full, "{range}");
        }
        let two = [(header::RANGE, "bytes=0-1"), (header::RANGE, "bytes=2-3")];
        assert_eq!(answer(&two), Answer::Full);
        assert_eq!(answer_for(TAG, false, &[(header::RANGE, "bytes=0-1")]), Answer::Full);
    }

    #[test]
    fn if_range_wants_the_very_tag() {
        let asked = |tag: &str| answer(&[(header::RANGE, "bytes=10-"), (header::IF_RANGE, tag)]);
        assert_eq!(asked(TAG), Answer::Part(10..100));
        assert_eq!(asked("\"other\""), Answer::Full);
        assert_eq!(asked(&format!("W/{TAG}")), Answer::Full);
        assert_eq!(asked("Wed, 04 Mar 2026 05:30:00 GMT"), Answer::Full);
        let weak = [(header::RANGE, "bytes=10-"), (header::IF_RANGE, "W/\"7\"")];
        assert_eq!(answer_for("W/\"7\"", true, &weak), Answer::Full);
    }

    #[test]
    fn dates_and_ranges_are_written_as_headers_have_them() {
        assert_eq!(http_date(at("1994-11-06T08:49:37.9Z")), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(content_range(&(10..20), 100), "bytes 10-19/100");
    }
}
