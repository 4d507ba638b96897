//! What each setting is called in each of its places.

use std::path::PathBuf;

/// What a setting is called, and what its value looks like.
#[derive(Debug)]
pub struct Setting {
    /// Its key in the configuration file, with the section before the dot.
    pub key: &'static str,
    /// Its flag, without the two dashes.
    pub flag: &'static str,
    /// Its variable of the environment.
    pub variable: &'static str,
    /// What its value looks like.
    pub shape: Shape,
    /// What the value stands for, in capitals, for the help text.
    pub value_name: &'static str,
    /// One line on what it is for.
    pub help: &'static str,
    /// Whether the value is, or contains, a secret: it is then in no error text.
    pub secret: bool,
}

/// What the value of a setting looks like in the file. A flag or a variable gives the same as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A string.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Switch,
    /// An array of strings; in flags and variables they are separated by commas.
    List,
}

macro_rules! settings {
    ($(
        $(#[doc = $help:literal])+
        $field:ident: $key:literal, $flag:literal, $variable:literal, $shape:ident $value_name:literal $($secret:ident)?;
    )+) => {
        /// The settings that were given as flags, as they were written. Lists are separated by commas.
        #[derive(Clone, Default)]
        pub struct Flags {
            /// The configuration file.
            pub config: Option<PathBuf>,
            $($(#[doc = $help])+ pub $field: Option<String>,)+
        }

        impl Flags {
            /// Returns the place of the setting with this key in the file, if there is one.
            fn place(&mut self, key: &str) -> Option<&mut Option<String>> {
                match key {
                    $($key => Some(&mut self.$field),)+
                    _ => None,
                }
            }

            /// Returns what was given for the setting with this key in the file.
            pub(super) fn get(&self, key: &str) -> Option<&str> {
                match key {
                    $($key => self.$field.as_deref(),)+
                    _ => None,
                }
            }
        }

        /// All settings, in the order of the help text. `--config` is not among them: it says where to find the others.
        pub static SETTINGS: &[Setting] = &[$(Setting {
            key: $key,
            flag: $flag,
            variable: $variable,
            shape: Shape::$shape,
            value_name: $value_name,
            help: concat!($($help),+),
            secret: settings!(@secret $($secret)?),
        }),+];
    };
    (@secret secret) => { true };
    (@secret) => { false };
}

settings! {
    /// Address and port to listen on
    listen: "listen", "listen", "KEYWARD_LISTEN", Text "ADDRESS:PORT";
    /// Data directory
    data: "data", "data", "KEYWARD_DATA", Text "DIR";
    /// Database: `postgres://…` or `sqlite:FILE`
    database_url: "database_url", "database-url", "KEYWARD_DATABASE_URL", Text "URL" secret;
    /// Public URL of the server
    base_url: "base_url", "base-url", "KEYWARD_BASE_URL", Text "URL";
    /// Sites whose scripts may read public gem data
    cors_origins: "cors_origins", "cors-origins", "KEYWARD_CORS_ORIGINS", List "ORIGINS";
    /// Where to store packages: `folder` or `s3`
    blobs_kind: "blobs.kind", "blobs-kind", "KEYWARD_BLOBS_KIND", Text "KIND";
    /// Directory for packages
    blobs_folder: "blobs.folder", "blobs-folder", "KEYWARD_BLOBS_FOLDER", Text "DIR";
    /// Bucket for packages
    s3_bucket: "blobs.bucket", "s3-bucket", "KEYWARD_S3_BUCKET", Text "NAME";
    /// Region of the bucket
    s3_region: "blobs.region", "s3-region", "KEYWARD_S3_REGION", Text "REGION";
    /// URL of an S3-compatible server, if not AWS
    s3_endpoint: "blobs.endpoint", "s3-endpoint", "KEYWARD_S3_ENDPOINT", Text "URL";
    /// Access key ID for the bucket
    s3_access_key_id: "blobs.access_key_id", "s3-access-key-id", "KEYWARD_S3_ACCESS_KEY_ID", Text "ID" secret;
    /// Secret access key for the bucket; visible to other local users, so prefer the file or the environment
    s3_secret_access_key: "blobs.secret_access_key",
        "s3-secret-access-key", "KEYWARD_S3_SECRET_ACCESS_KEY", Text "SECRET" secret;
    /// Who can sign up: `open`, `invitation` or `closed`
    accounts_sign_up: "accounts.sign_up", "accounts-sign-up", "KEYWARD_ACCOUNTS_SIGN_UP", Text "WHO";
    /// SMTP server for outgoing email; without one, emails are written to files
    mail_host: "mail.host", "mail-host", "KEYWARD_MAIL_HOST", Text "HOST";
    /// Port of the SMTP server
    mail_port: "mail.port", "mail-port", "KEYWARD_MAIL_PORT", Number "PORT";
    /// Encryption of the SMTP connection: `starttls`, `tls` or `none`
    mail_security: "mail.security", "mail-security", "KEYWARD_MAIL_SECURITY", Text "KIND";
    /// User name for the SMTP server
    mail_user: "mail.user", "mail-user", "KEYWARD_MAIL_USER", Text "NAME";
    /// Password for the SMTP server; visible to other local users, so prefer the file or the environment
    mail_password: "mail.password", "mail-password", "KEYWARD_MAIL_PASSWORD", Text "PASSWORD" secret;
    /// Sender of outgoing email
    mail_from: "mail.from", "mail-from", "KEYWARD_MAIL_FROM", Text "ADDRESS";
    /// PEM file with additional certificate authorities to trust for the SMTP server
    mail_ca_file: "mail.ca_file", "mail-ca-file", "KEYWARD_MAIL_CA_FILE", Text "FILE";
    /// Host names that serve gems at `/`
    rubygems_hosts: "rubygems.hosts", "rubygems-hosts", "KEYWARD_RUBYGEMS_HOSTS", List "HOSTS";
    /// Include publication times in `/info`
    rubygems_info_created_at: "rubygems.info_created_at",
        "rubygems-info-created-at", "KEYWARD_RUBYGEMS_INFO_CREATED_AT", Switch "BOOLEAN";
    /// Let `GET /api/v1/api_key` create a key, for `RubyGems` clients before 3.2
    rubygems_legacy_get_api_key: "rubygems.legacy_get_api_key",
        "rubygems-legacy-get-api-key", "KEYWARD_RUBYGEMS_LEGACY_GET_API_KEY", Switch "BOOLEAN";
    /// Gem names that nobody can publish
    rubygems_reserved_names: "rubygems.reserved_names",
        "rubygems-reserved-names", "KEYWARD_RUBYGEMS_RESERVED_NAMES", List "NAMES";
    /// Let others publish under a gem name whose versions were all yanked, after a notice to its owners
    rubygems_reclaim_names: "rubygems.reclaim_names",
        "rubygems-reclaim-names", "KEYWARD_RUBYGEMS_RECLAIM_NAMES", Switch "BOOLEAN";
    /// Reject new gem names that differ from an existing one only in `-` and `_`
    rubygems_refuse_similar_names: "rubygems.refuse_similar_names",
        "rubygems-refuse-similar-names", "KEYWARD_RUBYGEMS_REFUSE_SIMILAR_NAMES", Switch "BOOLEAN";
    /// Age in days after which a version can no longer be yanked
    rubygems_yank_days: "rubygems.yank_days",
        "rubygems-yank-days", "KEYWARD_RUBYGEMS_YANK_DAYS", Number "DAYS";
    /// Number of downloads after which a version can no longer be yanked
    rubygems_yank_downloads: "rubygems.yank_downloads",
        "rubygems-yank-downloads", "KEYWARD_RUBYGEMS_YANK_DOWNLOADS", Number "COUNT";
    /// Maximum size of a package in bytes
    limits_largest_package_bytes: "limits.largest_package_bytes",
        "limits-largest-package-bytes", "KEYWARD_LIMITS_LARGEST_PACKAGE_BYTES", Number "BYTES";
    /// Time limit for request headers
    limits_header_timeout_seconds: "limits.header_timeout_seconds",
        "limits-header-timeout-seconds", "KEYWARD_LIMITS_HEADER_TIMEOUT_SECONDS", Number "SECONDS";
    /// Time limit for a pause while a client uploads a package
    limits_body_idle_timeout_seconds: "limits.body_idle_timeout_seconds",
        "limits-body-idle-timeout-seconds", "KEYWARD_LIMITS_BODY_IDLE_TIMEOUT_SECONDS", Number "SECONDS";
    /// Time limit for request bodies other than packages
    limits_body_timeout_seconds: "limits.body_timeout_seconds",
        "limits-body-timeout-seconds", "KEYWARD_LIMITS_BODY_TIMEOUT_SECONDS", Number "SECONDS";
    /// Time limit for a pause while a client reads a response
    limits_write_timeout_seconds: "limits.write_timeout_seconds",
        "limits-write-timeout-seconds", "KEYWARD_LIMITS_WRITE_TIMEOUT_SECONDS", Number "SECONDS";
    /// Minimum speed of uploads and downloads
    limits_bytes_per_second: "limits.bytes_per_second",
        "limits-bytes-per-second", "KEYWARD_LIMITS_BYTES_PER_SECOND", Number "BYTES";
    /// Time limit for idle connections
    limits_idle_timeout_seconds: "limits.idle_timeout_seconds",
        "limits-idle-timeout-seconds", "KEYWARD_LIMITS_IDLE_TIMEOUT_SECONDS", Number "SECONDS";
    /// Maximum number of connections
    limits_connections: "limits.connections", "limits-connections", "KEYWARD_LIMITS_CONNECTIONS", Number "COUNT";
    /// Maximum number of connections from one address
    limits_connections_per_address: "limits.connections_per_address",
        "limits-connections-per-address", "KEYWARD_LIMITS_CONNECTIONS_PER_ADDRESS", Number "COUNT";
    /// Limit attempts to guess passwords and keys
    limits_guessing: "limits.guessing", "limits-guessing", "KEYWARD_LIMITS_GUESSING", Switch "BOOLEAN";
    /// Proxies whose `X-Forwarded-For` header is trusted
    limits_trusted_proxies: "limits.trusted_proxies",
        "limits-trusted-proxies", "KEYWARD_LIMITS_TRUSTED_PROXIES", List "NETWORKS";
    /// Log format: `text` or `json`
    log_format: "log.format", "log-format", "KEYWARD_LOG_FORMAT", Text "FORMAT";
    /// Log level: `error`, `warn`, `info`, `debug` or `trace`
    log_level: "log.level", "log-level", "KEYWARD_LOG_LEVEL", Text "LEVEL";
    /// Number of keys to keep in memory
    cache_warm_keys: "cache.warm_keys", "cache-warm-keys", "KEYWARD_CACHE_WARM_KEYS", Number "COUNT";
}

impl Setting {
    /// Returns the setting with this key in the file.
    pub(super) fn find(key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }
}

impl Flags {
    /// Takes what was given for one of [`SETTINGS`]. The last value given for a flag counts.
    pub fn set(&mut self, setting: &'static Setting, value: String) {
        let place = self.place(setting.key).expect("every setting has its place among the flags");
        *place = Some(value);
    }
}

impl Flags {
    /// The settings that were given, without `--config`.
    pub fn given(&self) -> impl Iterator<Item = &'static Setting> {
        SETTINGS.iter().filter(|setting| self.get(setting.key).is_some())
    }

    /// Fills in what is not given from `earlier` flags.
    #[must_use]
    pub fn or(mut self, earlier: &Self) -> Self {
        self.config = self.config.or_else(|| earlier.config.clone());
        for setting in earlier.given() {
            if let Some(place @ None) = self.place(setting.key) {
                *place = earlier.get(setting.key).map(str::to_owned);
            }
        }
        self
    }
}

impl std::fmt::Debug for Flags {
    /// The names of the flags that were given, without their values: some are secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.given().map(|setting| setting.flag)).finish()
    }
}
