use crate::Sample;

/// To the owners of a package: a version of it came or went.
#[derive(Debug, Clone)]
pub struct ReleaseNews {
    /// What happened.
    pub kind: ReleaseNewsKind,
    /// Who is told.
    pub handle: String,
    /// The package.
    pub package: String,
    /// The version, with its platform if it is for one.
    pub version: String,
    /// Whose doing it was, and with which key.
    pub by: String,
    /// When.
    pub at: String,
    /// The page of the package.
    pub page: String,
    /// The page where these mails are switched off.
    pub settings: String,
}

/// What happened to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleaseNewsKind {
    /// It was published.
    Published,
    /// It was withdrawn.
    Withdrawn,
    /// It is back after it was withdrawn.
    Restored,
}

impl ReleaseNews {
    fn verb(&self) -> &'static str {
        match self.kind {
            ReleaseNewsKind::Published => "published",
            ReleaseNewsKind::Withdrawn => "withdrawn",
            ReleaseNewsKind::Restored => "restored",
        }
    }

    fn what(&self) -> &'static str {
        match self.kind {
            ReleaseNewsKind::Published => "a version of a package that you own was published.",
            ReleaseNewsKind::Withdrawn => {
                "a version of a package that you own was withdrawn. It stands in no index any more."
            }
            ReleaseNewsKind::Restored => {
                "a yanked version of a package that you own was restored. It can be installed again."
            }
        }
    }

    fn advice(&self) -> &'static str {
        match self.kind {
            ReleaseNewsKind::Published => {
                "If you did not expect this, withdraw the version and delete the key that it came with."
            }
            ReleaseNewsKind::Withdrawn | ReleaseNewsKind::Restored => {
                "If you did not expect this, look at the owners of the package and at your keys."
            }
        }
    }
}

/// One of each kind, to show.
pub(crate) fn samples(base_url: &str) -> Vec<Sample> {
    let sample = |kind, version: &str, by: &str| ReleaseNews {
        kind,
        handle: "alice".to_owned(),
        package: "fabrikam".to_owned(),
        version: version.to_owned(),
        by: by.to_owned(),
        at: "2026-08-01 12:00 UTC".to_owned(),
        page: format!("{base_url}/gems/fabrikam"),
        settings: format!("{base_url}/settings/mails"),
    };
    vec![
        Sample::new(
            "version_published",
            sample(ReleaseNewsKind::Published, "1.2.0", "bob, with the key ci <nightly>"),
        ),
        Sample::new(
            "version_restored",
            sample(ReleaseNewsKind::Restored, "1.1.0-java", "the server administrator"),
        ),
        Sample::new("version_withdrawn", sample(ReleaseNewsKind::Withdrawn, "1.1.0-java", "alice")),
    ]
}

templates!(ReleaseNews, "release_news/subject.txt", "release_news/body.txt", "release_news/body.html");
