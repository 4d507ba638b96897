//! The page of one version of a gem, and the way to withdraw it.

use std::fmt::Write as _;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::StatusCode;
use registry::{Error, Missing, Package, Release};

use super::{
    Confirm,
    gem::GemView,
    gem_name, readme,
    show::{link_dependencies, role_of},
};
use crate::{
    Web,
    chrome::Chrome,
    error::WebError,
    keys::utc,
    page::render,
    signed_in::{Proved, Visitor},
};

/// The word for the gem itself among the files of a release.
const GEM: &str = "gem";
/// The platform of a version whose address names none.
const RUBY: &str = "ruby";

#[derive(Debug, Template)]
#[template(path = "packages/version.html")]
struct VersionPage {
    chrome: Chrome,
    base_url: String,
    gem: GemView,
    /// HTML that was made harmless.
    readme: Option<String>,
    /// With the platform, if it is for one.
    number: String,
    published: String,
    withdrawn: Option<String>,
    downloads: i64,
    /// SHA-256 in hexadecimal digits.
    sha256: String,
    size: String,
    /// Whether the visitor may withdraw it.
    can_withdraw: bool,
}

/// `GET /gems/NAME/versions/NUMBER[-PLATFORM]`
pub(super) async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path((name, number)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let (package, release) = find(&web, &name, &number).await?;
    let owners = web.registry.owners(&package.name).await?;
    let recorded = web.registry.recorded(release.id).await?;
    let files = recorded.artifacts.clone();
    let file = files.iter().find(|file| file.kind == GEM);
    let mut gem = GemView::new(&package, &release, recorded).ok_or(Error::NotFound(Missing::Release))?;
    link_dependencies(&web, &mut gem.dependencies).await?;
    let readme = readme::load(&web, &files, &gem.readme).await?;
    let page = VersionPage {
        gem,
        readme,
        number,
        published: utc(release.published_at),
        withdrawn: release.withdrawn_at.map(utc),
        downloads: release.downloads,
        sha256: file.map(|file| hex(&file.sha256)).unwrap_or_default(),
        size: file.map(|file| size(file.size)).unwrap_or_default(),
        can_withdraw: release.withdrawn_at.is_none() && role_of(&visitor, &owners).is_some(),
        chrome: Chrome::new(&web, &visitor),
        base_url: web.base_url.clone(),
    };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /gems/NAME/versions/NUMBER/withdraw`
pub(super) async fn ask_withdraw(
    State(web): State<Web>,
    Proved(signed_in): Proved,
    Path((name, number)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let name = gem_name(&name)?;
    web.registry.may_withdraw(&signed_in.caller, &name).await?;
    let (package, _) = find(&web, name.as_str(), &number).await?;
    let (name, back) = (package.name.as_str(), page_of(&package, &number));
    let page = Confirm {
        chrome: Chrome::new(&web, &Visitor(Some(signed_in))),
        title: format!("Withdraw {name} {number}?"),
        consequence: "Nobody can install this version any more, from the moment you press the button. It cannot be brought back, \
                      and its number is never given out again: what you push next needs another one."
            .to_owned(),
        action: format!("{back}/withdraw"),
        login: None,
        button: "Withdraw this version",
        back,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `POST /gems/NAME/versions/NUMBER/withdraw`
pub(super) async fn withdraw(
    State(web): State<Web>,
    Proved(signed_in): Proved,
    Path((name, number)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let (package, release) = find(&web, &name, &number).await?;
    let name = &package.name;
    web.registry.withdraw(&signed_in.caller, name, &release.number, &release.platform).await?;
    Ok(Redirect::to(&format!("{}{}", web.root(), page_of(&package, &number))).into_response())
}

/// The release whose number stands in an address, `1.0.0` or `1.0.0-java`, live or withdrawn. A number itself has no dash.
async fn find(web: &Web, name: &str, number: &str) -> Result<(Package, Release), WebError> {
    let package = web.registry.package(&gem_name(name)?).await?;
    let (number, platform) = match number.split_once('-') {
        Some((_, RUBY)) => return Err(Error::NotFound(Missing::Release).into()),
        Some(parts) => parts,
        None => (number, RUBY),
    };
    let release = web.registry.release(package.id, number, platform).await?;
    Ok((package, release))
}

fn page_of(package: &Package, number: &str) -> String {
    format!("/gems/{}/versions/{number}", package.name.as_str())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// A number of bytes for people.
fn size(bytes: u64) -> String {
    const KIBIBYTE: u64 = 1024;
    const MEBIBYTE: u64 = 1024 * KIBIBYTE;
    match bytes {
        0..KIBIBYTE => format!("{bytes} bytes"),
        KIBIBYTE..MEBIBYTE => format!("{}.{} KiB", bytes / KIBIBYTE, bytes % KIBIBYTE * 10 / KIBIBYTE),
        _ => format!("{}.{} MiB", bytes / MEBIBYTE, bytes % MEBIBYTE * 10 / MEBIBYTE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_one_decimal() {
        assert_eq!(
            [0, 1023, 1024, 1536, 10 * 1024 * 1024 + 700_000].map(size),
            ["0 bytes", "1023 bytes", "1.0 KiB", "1.5 KiB", "10.6 MiB"]
        );
    }
}
