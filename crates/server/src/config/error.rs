//! What can be wrong with the settings.

use std::{fmt, path::PathBuf};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag, without the dashes.
    Flag(&'static str),
    /// A key in the configuration file.
    File {
        /// The key with its section.
        key: String,
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// A variable of the environment.
    Variable(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "`--{flag}`"),
            Self::File { key, file, line } => write!(f, "`{key}` in {}, line {line},", file.display()),
            Self::Variable(name) => write!(f, "the variable `{name}`"),
        }
    }
}

/// Why the settings cannot be used. The texts are for the operator and have no secret in them.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The configuration file cannot be read.
    #[error("the configuration file {} cannot be read: {cause}", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The configuration file is not TOML.
    #[error("line {line} of {} is not valid TOML: {message}", .file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What the parser expected.
        message: String,
    },
    /// A key that is no setting.
    #[error("there is no setting `{key}`: see line {line} of {}", .file.display())]
    UnknownKey {
        /// The key with its section.
        key: String,
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// A value that cannot be.
    #[error("{origin} cannot be `{value}`: it must be {expected}")]
    Value {
        /// Where it comes from.
        origin: Origin,
        /// The value.
        value: String,
        /// What would do.
        expected: String,
    },
    /// A value that cannot be and that is kept back, because it has a secret in it or is no plain value.
    #[error("{origin} cannot be used: it must be {expected}")]
    HiddenValue {
        /// Where it comes from.
        origin: Origin,
        /// What would do.
        expected: String,
    },
    /// A list that is too long.
    #[error("{origin} has too many items: a list can have at most {limit}")]
    TooManyItems {
        /// Where it comes from.
        origin: Origin,
        /// The most items.
        limit: usize,
    },
    /// S3 without all that it takes.
    #[error("packages are to be stored in S3, but `{key}` is not set")]
    S3Incomplete {
        /// The key that is missing.
        key: &'static str,
    },
    /// A bucket, but packages go to a folder.
    #[error("{origin} names a bucket, but packages are stored in a folder")]
    BucketWithoutS3 {
        /// Where the bucket comes from.
        origin: Origin,
    },
    /// Half of what it takes to sign in to the mail server.
    #[error("the mail server is to be signed in to, but `{key}` is not set")]
    MailLoginIncomplete {
        /// The key that is missing.
        key: &'static str,
    },
    /// A name for the mail server, but mails go to files.
    #[error("{origin} is for a mail server, but mails go to files")]
    MailLoginWithoutHost {
        /// Where the name comes from.
        origin: Origin,
    },
}

impl ConfigError {
    /// Returns what the operator can do next.
    pub fn hint(&self) -> String {
        match self {
            Self::Unreadable { .. } => {
                "`--config` and `KEYWARD_CONFIG` name the file; `keyward config` prints one to start from"
                    .into()
            }
            Self::S3Incomplete { key } | Self::MailLoginIncomplete { key } => missing(key),
            Self::MailLoginWithoutHost { .. } => {
                "set `mail.host`, or remove the name and the password".into()
            }
            Self::BucketWithoutS3 { .. } => "set `blobs.kind` to `s3`, or remove the bucket".into(),
            _ => "`keyward config` prints every setting with its default".into(),
        }
    }
}

/// Where a setting that is missing can be set.
fn missing(key: &str) -> String {
    let setting = super::Setting::find(key).expect("what is missing stands among the settings");
    let section = key.split_once('.').map_or("", |(section, _)| section);
    format!("set it in the section `[{section}]` of the file, or as `{}`", setting.variable)
}
