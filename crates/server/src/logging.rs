//! Structured logs on standard error.

use tracing_subscriber::{EnvFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{Log, LogFormat};

/// Starts logging. A second start in one process (tests) changes nothing.
pub(crate) fn start(log: &Log) {
    let filter = EnvFilter::new(&log.level);
    let text = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(filter);
    let _ = match log.format {
        LogFormat::Text => registry.with(text.with_ansi(false)).try_init(),
        LogFormat::Json => registry.with(text.json().flatten_event(true)).try_init(),
    };
}
