use http::{HeaderMap, header::ACCEPT};

/// How an answer is written: by the suffix of the path, else by `Accept`; `*/*` leaves it to the route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Plain text.
    Plain,
    /// JSON.
    Json,
    /// YAML, block style.
    Yaml,
}

impl Format {
    /// The format that `Accept` asks for, `default` when it accepts anything.
    pub fn accepted(headers: &HeaderMap, default: Self) -> Self {
        let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
        let media = accept.split([',', ';']).next().unwrap_or_default().trim();
        match media {
            "application/json" => Self::Json,
            "text/yaml" | "application/yaml" | "application/x-yaml" => Self::Yaml,
            "text/plain" => Self::Plain,
            _ => default,
        }
    }
}

/// Splits `.json` or `.yaml` from the last segment of a path.
pub fn split_format(segment: &str) -> (&str, Option<Format>) {
    if let Some(name) = segment.strip_suffix(".json") {
        (name, Some(Format::Json))
    } else if let Some(name) = segment.strip_suffix(".yaml") {
        (name, Some(Format::Yaml))
    } else {
        (segment, None)
    }
}
