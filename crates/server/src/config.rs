//! The settings: from flags, environment variables, a file and defaults, in this order of precedence.
//!
//! Start from [`Settings::load`]. [`SETTINGS`] names every setting in each of its places, so that no face of the program can forget
//! one; `config.default.toml` describes them to people.

mod error;
mod file;
mod layers;
mod mail;
mod names;
mod parse;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    num::{NonZeroU64, NonZeroUsize},
    path::{Path, PathBuf},
    time::Duration,
};

use http_kit::WebOrigin;
use ipnet::IpNet;
use registry::SignUp;
use store::Address;

pub use error::{ConfigError, Origin};
pub use mail::Mail;
pub use names::{Flags, SETTINGS, Setting, Shape};

use layers::Layers;

/// What an operator chose, with every default filled in.
#[derive(Clone)]
pub struct Settings {
    /// Where to listen. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// The folder of everything that is not elsewhere. Not made yet.
    pub data: PathBuf,
    /// Where the records are.
    pub database: Address,
    /// The address under which clients reach the server, without a slash at its end; it may have a path. `None` means the
    /// address listened on: see [`Settings::base_url_at`].
    pub base_url: Option<String>,
    /// The sites whose scripts may read what is public.
    pub cors_origins: Vec<WebOrigin>,
    /// Where the artifacts are.
    pub blobs: Blobs,
    /// Who may make an account.
    pub sign_up: SignUp,
    /// How mails leave.
    pub mail: Mail,
    /// The face of `gem` and `bundle`.
    pub rubygems: RubyGems,
    /// How much a client may ask for.
    pub limits: Limits,
    /// What is logged.
    pub log: Log,
    /// What is kept in memory.
    pub cache: Cache,
}

/// Where the artifacts are.
#[derive(Debug, Clone)]
pub enum Blobs {
    /// Files in a folder. Not made yet.
    Folder(PathBuf),
    /// Objects in a bucket.
    S3(blobs::S3),
}

/// The face of `gem` and `bundle`.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the configuration")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RubyGems {
    /// Host names, in lower case and without port, at which the face answers at `/`.
    pub hosts: Vec<String>,
    /// Whether the lines of `/info` tell when a version was published.
    pub info_created_at: bool,
    /// Whether `GET /api/v1/api_key` makes a new key, as very old clients expect.
    pub legacy_get_api_key: bool,
    /// Names, folded, that nobody may publish.
    pub reserved_names: Vec<String>,
    /// Whether somebody else may publish under a name that has had no versions for long.
    pub reclaim_names: bool,
    /// Whether a new name may not differ from a live one in separators only.
    pub refuse_similar_names: bool,
    /// A release older than this many days cannot be yanked.
    pub yank_days: Option<u32>,
    /// A release with more downloads than this cannot be yanked.
    pub yank_downloads: Option<i64>,
}

/// How much a client may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest package in bytes.
    pub largest_package_bytes: u64,
    /// How long a client may take for the head of a request.
    pub header_timeout: Duration,
    /// How long a client may leave a connection open between requests.
    pub idle_timeout: Duration,
    /// How long a client may take in total for a body that is no package.
    pub body_timeout: Duration,
    /// How long a client may pause while it uploads a package.
    pub body_idle_timeout: Duration,
    /// How long a client may pause while it reads an answer.
    pub write_timeout: Duration,
    /// The pace that clients have to keep in uploads and downloads, but for those pauses.
    pub bytes_per_second: NonZeroU64,
    /// How many connections there may be in all; `None` is as many as file handles are enough for, up to 4096.
    pub connections: Option<usize>,
    /// How many connections there may be from one address.
    pub connections_per_address: usize,
    /// Whether sign-in and key guessing are limited.
    pub guessing: bool,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
}

/// What is logged, to standard error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// How a line looks.
    pub format: LogFormat,
    /// The least level, or directives of `tracing`'s `EnvFilter`: `info,registry=debug`. Known to parse.
    pub level: String,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What is kept in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cache {
    /// How many keys stay ready to be decided on.
    pub warm_keys: u64,
}

/// The default configuration file: every setting with its default, commented out, and what it is for.
pub fn default_config() -> &'static str {
    include_str!("../config.default.toml")
}

impl Settings {
    /// Resolves every setting: a flag overrides the environment, which overrides the file, which overrides the default. An empty
    /// variable counts as not set.
    ///
    /// The file is the one of `--config`, else of `KEYWARD_CONFIG`, else `./keyward.toml` if there is one. Relative paths start
    /// from the folder in which the program runs, whatever the place that they come from.
    ///
    /// Fails with a [`ConfigError`] that names the place of the wrong value; never with a secret in its text.
    pub fn load(flags: &Flags, environment: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        Ok(Self::resolve(&Layers::open(flags, &environment)?)?)
    }

    fn resolve(layers: &Layers<'_>) -> Result<Self, ConfigError> {
        let data = layers.value("data", parse::path)?.unwrap_or_else(|| PathBuf::from("./keyward-data"));
        Ok(Self {
            listen: layers
                .value("listen", parse::socket)?
                .unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))),
            database: layers
                .value("database_url", parse::database)?
                .unwrap_or_else(|| Address::Sqlite(data.join("keyward.sqlite"))),
            base_url: layers.value("base_url", parse::web_address)?,
            cors_origins: layers.list("cors_origins", parse::origin)?.unwrap_or_default(),
            blobs: Blobs::resolve(layers, &data)?,
            sign_up: layers.value("accounts.sign_up", parse::sign_up)?.unwrap_or(SignUp::Invitation),
            mail: Mail::resolve(layers)?,
            rubygems: RubyGems::resolve(layers)?,
            limits: Limits::resolve(layers)?,
            log: Log {
                format: layers.value("log.format", parse::log_format)?.unwrap_or(LogFormat::Text),
                level: layers.value("log.level", parse::log_level)?.unwrap_or_else(|| "info".to_owned()),
            },
            cache: Cache { warm_keys: layers.value("cache.warm_keys", parse::number)?.unwrap_or(200_000) },
            data,
        })
    }

    /// Returns the address under which clients reach a server that listens at `bound`: the configured one, else `http://` and the
    /// address listened on. A server that listens on all addresses is called by the one of its own machine.
    pub fn base_url_at(&self, bound: SocketAddr) -> String {
        self.base_url.clone().unwrap_or_else(|| {
            let address = match bound.ip() {
                IpAddr::V4(address) if address.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
                IpAddr::V6(address) if address.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
                address => address,
            };
            format!("http://{}", SocketAddr::new(address, bound.port()))
        })
    }
}

impl Blobs {
    fn resolve(layers: &Layers<'_>, data: &Path) -> Result<Self, ConfigError> {
        let bucket = layers.value("blobs.bucket", parse::text)?;
        let in_s3 = layers.value("blobs.kind", parse::is_s3)?.unwrap_or(false);
        if !in_s3 {
            // Somebody who names a bucket does not expect the artifacts on this disk.
            return match layers.origin("blobs.bucket") {
                Some(origin) if bucket.is_some() => Err(ConfigError::BucketWithoutS3 { origin }),
                _ => Ok(Self::Folder(
                    layers.value("blobs.folder", parse::path)?.unwrap_or_else(|| data.join("blobs")),
                )),
            };
        }
        let needed = |key| ConfigError::S3Incomplete { key };
        Ok(Self::S3(blobs::S3 {
            bucket: bucket.ok_or(needed("blobs.bucket"))?,
            region: layers.value("blobs.region", parse::text)?.unwrap_or_else(|| "us-east-1".to_owned()),
            endpoint: layers.value("blobs.endpoint", parse::web_address)?,
            access_key_id: layers
                .value("blobs.access_key_id", parse::text)?
                .ok_or(needed("blobs.access_key_id"))?,
            secret_access_key: layers
                .value("blobs.secret_access_key", parse::text)?
                .ok_or(needed("blobs.secret_access_key"))?,
        }))
    }
}

/// Names that come with Ruby or stand for it: a gem of such a name would be taken for the real thing.
const RESERVED_GEM_NAMES: [&str; 25] = [
    "cgi-session",
    "complex",
    "continuation",
    "coverage",
    "enumerator",
    "expect",
    "fiber",
    "mkmf",
    "profiler",
    "pty",
    "rational",
    "rbconfig",
    "socket",
    "thread",
    "unicode_normalize",
    "ubygems",
    "jruby",
    "mri",
    "mruby",
    "ruby",
    "rubygems",
    "gem",
    "update_rubygems",
    "install",
    "uninstall",
];

impl RubyGems {
    fn resolve(layers: &Layers<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            hosts: layers.list("rubygems.hosts", parse::host)?.unwrap_or_default(),
            info_created_at: layers.value("rubygems.info_created_at", parse::switch)?.unwrap_or(true),
            legacy_get_api_key: layers.value("rubygems.legacy_get_api_key", parse::switch)?.unwrap_or(true),
            reserved_names: layers
                .list("rubygems.reserved_names", parse::gem_name)?
                .unwrap_or_else(|| RESERVED_GEM_NAMES.map(str::to_owned).into()),
            reclaim_names: layers.value("rubygems.reclaim_names", parse::switch)?.unwrap_or(false),
            refuse_similar_names: layers
                .value("rubygems.refuse_similar_names", parse::switch)?
                .unwrap_or(true),
            yank_days: layers.value("rubygems.yank_days", parse::number)?,
            yank_downloads: layers.value("rubygems.yank_downloads", parse::count)?,
        })
    }
}

impl Limits {
    fn resolve(layers: &Layers<'_>) -> Result<Self, ConfigError> {
        let seconds = |key, default| {
            Ok(layers.value(key, parse::seconds)?.unwrap_or_else(|| Duration::from_secs(default)))
        };
        Ok(Self {
            largest_package_bytes: layers
                .value("limits.largest_package_bytes", parse::size)?
                .unwrap_or(500 * 1024 * 1024),
            header_timeout: seconds("limits.header_timeout_seconds", 30)?,
            idle_timeout: seconds("limits.idle_timeout_seconds", 75)?,
            body_timeout: seconds("limits.body_timeout_seconds", 30)?,
            body_idle_timeout: seconds("limits.body_idle_timeout_seconds", 60)?,
            write_timeout: seconds("limits.write_timeout_seconds", 60)?,
            bytes_per_second: layers
                .value("limits.bytes_per_second", parse::at_least_one)?
                .unwrap_or(const { NonZeroU64::new(1024).expect("it is not 0") }),
            connections: layers.value("limits.connections", parse::at_least_two)?,
            connections_per_address: layers
                .value("limits.connections_per_address", parse::at_least_one)?
                .map_or(512, NonZeroUsize::get),
            guessing: layers.value("limits.guessing", parse::switch)?.unwrap_or(true),
            trusted_proxies: layers.list("limits.trusted_proxies", parse::network)?.unwrap_or_default(),
        })
    }
}

impl fmt::Debug for Settings {
    /// Without the password in the address of the database; [`blobs::S3`] and [`Mail`] keep theirs back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let database = match &self.database {
            Address::Sqlite(path) => path.display().to_string(),
            Address::Postgres(_) => "PostgreSQL".to_owned(),
        };
        f.debug_struct("Settings")
            .field("listen", &self.listen)
            .field("data", &self.data)
            .field("database", &database)
            .field("base_url", &self.base_url)
            .field("cors_origins", &self.cors_origins)
            .field("blobs", &self.blobs)
            .field("sign_up", &self.sign_up)
            .field("mail", &self.mail)
            .field("rubygems", &self.rubygems)
            .field("limits", &self.limits)
            .field("log", &self.log)
            .field("cache", &self.cache)
            .finish()
    }
}
