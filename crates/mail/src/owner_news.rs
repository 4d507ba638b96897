use crate::Sample;

/// To the owners of a package: somebody came, went, or has another role.
#[derive(Debug, Clone)]
pub struct OwnerNews {
    /// What happened.
    pub kind: OwnerNewsKind,
    /// Who is told.
    pub handle: String,
    /// The package.
    pub package: String,
    /// The account that it happened to.
    pub owner: String,
    /// The role that it has, or had.
    pub role: String,
    /// Whose doing it was.
    pub by: String,
    /// The page of the package.
    pub page: String,
}

/// What happened to an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnerNewsKind {
    /// An invitation was accepted.
    Added,
    /// The server's operator made the account an owner.
    Appointed,
    /// The ownership was taken away.
    Removed,
    /// Somebody else has published under the name, which had no version left.
    Reclaimed,
    /// The package has no version left, and its name may be reclaimed.
    GivenUp {
        /// From when on, for people.
        from: String,
    },
    /// The role is another one.
    RoleChanged,
}

impl OwnerNews {
    fn is_about_reader(&self) -> bool {
        self.owner == self.handle
    }

    /// The role with its article.
    fn a_role(&self) -> String {
        let article = if self.role.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        format!("{article} {}", self.role)
    }

    fn subject_text(&self) -> String {
        let (Self { package, owner, .. }, role) = (self, self.a_role());
        match &self.kind {
            OwnerNewsKind::Added | OwnerNewsKind::Appointed if self.is_about_reader() => {
                format!("You are {role} of {package} now")
            }
            OwnerNewsKind::Added | OwnerNewsKind::Appointed => format!("{owner} is {role} of {package} now"),
            OwnerNewsKind::Reclaimed => format!("You no longer own {package}"),
            OwnerNewsKind::GivenUp { .. } => format!("{package} has no versions left"),
            OwnerNewsKind::Removed => format!("You are not an owner of {package} any more"),
            OwnerNewsKind::RoleChanged => format!("You are {role} of {package} now"),
        }
    }

    fn what(&self) -> String {
        let (Self { package, owner, by, .. }, role) = (self, self.a_role());
        match &self.kind {
            OwnerNewsKind::Added if self.is_about_reader() => {
                format!("you accepted the invitation of {by} and are {role} of the package {package} now.")
            }
            OwnerNewsKind::Added => {
                format!("{owner} accepted the invitation of {by} and is {role} of the package {package} now.")
            }
            OwnerNewsKind::Appointed if self.is_about_reader() => {
                format!("{by} made you {role} of the package {package}.")
            }
            OwnerNewsKind::Appointed => format!("{by} made {owner} {role} of the package {package}."),
            OwnerNewsKind::Reclaimed => format!(
                "the package {package} had no versions left, and {by} has published a new one under its name."
            ),
            OwnerNewsKind::GivenUp { from } => format!(
                "all versions of {package} have been yanked. From {from} on, anybody can publish under this name."
            ),
            OwnerNewsKind::Removed if *by == self.handle => {
                format!("you left the owners of the package {package}.")
            }
            OwnerNewsKind::Removed => format!("{by} removed you from the owners of the package {package}."),
            OwnerNewsKind::RoleChanged => {
                format!("{by} changed your role: you are {role} of the package {package} now.")
            }
        }
    }

    fn advice(&self) -> &'static str {
        match &self.kind {
            OwnerNewsKind::GivenUp { .. } => "To keep the name, publish a new version before then.",
            OwnerNewsKind::Removed | OwnerNewsKind::Reclaimed => {
                "Your keys do not reach the package any more. Those that were bound to it alone do not work at all."
            }
            _ if self.role == "maintainer" => {
                "Maintainers publish and withdraw versions; they do not say who else may."
            }
            _ if self.is_about_reader() => "Owners publish and withdraw versions, and say who else may.",
            _ => {
                "If you did not expect this, look at the owners of the package and remove who should not be there."
            }
        }
    }
}

/// One of each kind, to show.
pub(crate) fn samples(base_url: &str) -> Vec<Sample> {
    let sample = |kind, handle: &str, role: &str| OwnerNews {
        kind,
        handle: handle.to_owned(),
        package: "fabrikam".to_owned(),
        owner: "bob".to_owned(),
        role: role.to_owned(),
        by: "alice".to_owned(),
        page: format!("{base_url}/gems/fabrikam"),
    };
    let given_up = OwnerNewsKind::GivenUp { from: "2026-11-09 12:00 UTC".to_owned() };
    vec![
        Sample::new("owner_added", sample(OwnerNewsKind::Added, "carol", "owner")),
        Sample::new("owner_added_self", sample(OwnerNewsKind::Added, "bob", "owner")),
        Sample::new("owner_removed", sample(OwnerNewsKind::Removed, "bob", "owner")),
        Sample::new("owner_appointed", sample(OwnerNewsKind::Appointed, "bob", "owner")),
        Sample::new("owner_appointed_beside", sample(OwnerNewsKind::Appointed, "carol", "owner")),
        Sample::new("owner_name_given_up", sample(given_up, "bob", "owner")),
        Sample::new("owner_name_reclaimed", sample(OwnerNewsKind::Reclaimed, "bob", "owner")),
        Sample::new("owner_role_changed", sample(OwnerNewsKind::RoleChanged, "bob", "maintainer")),
    ]
}

templates!(OwnerNews, "owner_news/subject.txt", "owner_news/body.txt", "owner_news/body.html");
