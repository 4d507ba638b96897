//! From the text of a value to what it means. A refusal is the end of the sentence "it must be …".

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use domain::{Ecosystem, PackageName};
use http::Uri;
use http_kit::WebOrigin;
use ipnet::IpNet;
use mail::{Security, Sender};
use registry::SignUp;
use store::Address;
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use super::LogFormat;

/// The longest time that a client can be given.
const LONGEST_WAIT: u64 = 3600;

/// Any text that is not blank.
pub(super) fn text(word: &str) -> Result<String, String> {
    if word.trim().is_empty() { Err("some text".into()) } else { Ok(word.to_owned()) }
}

pub(super) fn path(word: &str) -> Result<PathBuf, String> {
    if word.is_empty() { Err("the path of a folder".into()) } else { Ok(PathBuf::from(word)) }
}

pub(super) fn file(word: &str) -> Result<PathBuf, String> {
    if word.is_empty() { Err("the path of a file".into()) } else { Ok(PathBuf::from(word)) }
}

pub(super) fn socket(word: &str) -> Result<SocketAddr, String> {
    word.parse().map_err(|_| "an IP address and a port, such as `127.0.0.1:8080` or `[::]:8080`".into())
}

pub(super) fn switch(word: &str) -> Result<bool, String> {
    word.parse().map_err(|_| "`true` or `false`".into())
}

pub(super) fn number<T: FromStr>(word: &str) -> Result<T, String> {
    word.parse().map_err(|_| "a whole number, 0 or more".into())
}

/// A number above zero: types that cannot be zero.
pub(super) fn at_least_one<T: FromStr>(word: &str) -> Result<T, String> {
    word.parse().map_err(|_| "a whole number, 1 or more".into())
}

/// How many there may be, of which one can have half.
pub(super) fn at_least_two(word: &str) -> Result<usize, String> {
    number(word).ok().filter(|number| *number >= 2).ok_or_else(|| "a whole number, 2 or more".into())
}

/// A number that the database can keep.
pub(super) fn count(word: &str) -> Result<i64, String> {
    number(word).ok().filter(|number| *number >= 0).ok_or_else(|| "a whole number, 0 or more".into())
}

/// A number of bytes, small enough for the database to keep.
pub(super) fn size(word: &str) -> Result<u64, String> {
    let size: Option<u64> = word.parse().ok().filter(|size| (1..=i64::MAX.unsigned_abs()).contains(size));
    size.ok_or_else(|| "a number of bytes, 1 or more".into())
}

pub(super) fn seconds(word: &str) -> Result<Duration, String> {
    let seconds = word.parse().ok().filter(|seconds| (1..=LONGEST_WAIT).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| format!("1 to {LONGEST_WAIT} seconds"))
}

/// Where the records are: `postgres://…` or `sqlite:FILE`.
pub(super) fn database(word: &str) -> Result<Address, String> {
    if word.starts_with("postgres://") || word.starts_with("postgresql://") {
        return Ok(Address::Postgres(word.to_owned()));
    }
    match word.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path)) {
        Some(path) if !path.is_empty() => Ok(Address::Sqlite(PathBuf::from(path))),
        _ => Err("of the form `postgres://user:password@host:port/database` or `sqlite:FILE`".into()),
    }
}

/// An address of a web server, without slashes at its end.
pub(super) fn web_address(word: &str) -> Result<String, String> {
    let refused =
        || "an address such as `https://packages.example.com`, without user, query or fragment".to_owned();
    let uri: Uri = word.parse().map_err(|_| refused())?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    let has_host = uri.host().is_some_and(|host| !host.is_empty());
    if !is_web || !has_host || word.contains(['@', '?', '#']) || WebOrigin::of_address(word).is_err() {
        return Err(refused());
    }
    Ok(word.trim_end_matches('/').to_owned())
}

/// The origin of the pages of a site, exactly.
pub(super) fn origin(word: &str) -> Result<WebOrigin, String> {
    word.parse().map_err(|_| "the origin of a site, such as `https://docs.example.com`, without path".into())
}

/// The kind of the blob store: whether it is S3.
pub(super) fn is_s3(word: &str) -> Result<bool, String> {
    match word {
        "folder" => Ok(false),
        "s3" => Ok(true),
        _ => Err("`folder` or `s3`".into()),
    }
}

/// A host name in lower case.
pub(super) fn host(word: &str) -> Result<String, String> {
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    if word.is_empty() || !word.bytes().all(is_host) {
        return Err("a host name without port, such as `gems.example.com`".into());
    }
    Ok(word.to_ascii_lowercase())
}

/// The name of a gem, folded.
pub(super) fn gem_name(word: &str) -> Result<String, String> {
    let name = PackageName::parse(Ecosystem::RubyGems, word).map_err(|_| "the name of a gem".to_owned())?;
    Ok(name.key().to_owned())
}

/// Bits before the IPv4 address in an IPv6 address that stands for one.
const MAPPED_PREFIX: u8 = 96;

/// A network in CIDR form, or one address. One of IPv4 that is written as IPv6 becomes what it is, since addresses are compared so.
pub(super) fn network(word: &str) -> Result<IpNet, String> {
    let address = || word.parse::<IpAddr>().map(IpNet::from);
    let network: IpNet = word
        .parse()
        .or_else(|_| address())
        .map_err(|_| "an IP address or a network such as `10.0.0.0/8`".to_owned())?;
    let mapped = network.prefix_len().checked_sub(MAPPED_PREFIX).zip(Some(network.addr().to_canonical()));
    Ok(match mapped {
        Some((length, address @ IpAddr::V4(_))) => IpNet::new(address, length).unwrap_or(network),
        _ => network,
    })
}

pub(super) fn sign_up(word: &str) -> Result<SignUp, String> {
    match word {
        "open" => Ok(SignUp::Open),
        "invitation" => Ok(SignUp::Invitation),
        "closed" => Ok(SignUp::Closed),
        _ => Err("`open`, `invitation` or `closed`".into()),
    }
}

/// Who mails come from.
pub(super) fn sender(word: &str) -> Result<Sender, String> {
    word.parse().map_err(|_| "a mail address, such as `Keyward <keyward@example.com>`".into())
}

/// The name or the address of a mail server.
pub(super) fn mail_host(word: &str) -> Result<String, String> {
    if word.parse::<IpAddr>().is_ok() {
        return Ok(word.to_owned());
    }
    host(word).map_err(|_| "a host name without port, such as `smtp.example.com`".into())
}

pub(super) fn port(word: &str) -> Result<u16, String> {
    let port = word.parse().ok().filter(|port| *port > 0);
    port.ok_or_else(|| "a port, 1 to 65535".into())
}

pub(super) fn mail_security(word: &str) -> Result<Security, String> {
    match word {
        "starttls" => Ok(Security::StartTls),
        "tls" => Ok(Security::Tls),
        "none" => Ok(Security::None),
        _ => Err("`starttls`, `tls` or `none`".into()),
    }
}

pub(super) fn log_format(word: &str) -> Result<LogFormat, String> {
    match word {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("`text` or `json`".into()),
    }
}

/// A level, or directives of `EnvFilter`.
pub(super) fn log_level(word: &str) -> Result<String, String> {
    // A lone word that is no level would be taken for the name of a module, with all that it logs.
    let is_clear = |part: &str| part.contains(['=', '[']) || part.trim().parse::<LevelFilter>().is_ok();
    if word.split(',').all(is_clear) && EnvFilter::try_new(word).is_ok() {
        Ok(word.to_owned())
    } else {
        Err("`error`, `warn`, `info`, `debug` or `trace`, or such as `info,registry=debug`".into())
    }
}
