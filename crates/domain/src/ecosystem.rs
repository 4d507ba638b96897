//! The package worlds that a registry serves.

use crate::named::named;

named! {
    /// A world of packages with its own clients, names and rules. A key belongs to exactly one.
    pub enum Ecosystem is "an ecosystem" {
        /// Ruby gems: `gem` and `bundle`.
        RubyGems => "rubygems",
        /// .NET packages: `nuget` and `dotnet`.
        NuGet => "nuget",
        /// PowerShell modules and scripts: `Publish-PSResource` and `Publish-Module`.
        PowerShell => "powershell",
    }
}
