//! Which mails somebody gets.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;

use crate::{
    Web,
    chrome::Chrome,
    error::WebError,
    fields::Fields,
    page::render,
    signed_in::{Member, Visitor},
};

#[derive(Debug, Template)]
#[template(path = "accounts/mails.html")]
struct MailSettings {
    chrome: Chrome,
    package_mails: bool,
    /// Whether this was just chosen.
    saved: bool,
}

/// `GET /settings/mails`
pub(crate) async fn show(State(web): State<Web>, Member(signed_in): Member) -> Result<Response, WebError> {
    let package_mails = web.registry.package_mails(signed_in.caller.account().id).await?;
    let chrome = Chrome::new(&web, &Visitor(Some(signed_in)));
    Ok(render(StatusCode::OK, &MailSettings { chrome, package_mails, saved: false }))
}

/// `POST /settings/mails`: switches mails about versions on or off.
pub(crate) async fn save(
    State(web): State<Web>,
    Member(signed_in): Member,
    fields: Fields,
) -> Result<Response, WebError> {
    let package_mails = fields.is_ticked("package_mails");
    let caller = &signed_in.caller;
    web.registry.set_package_mails(caller, package_mails).await?;
    let chrome = Chrome::new(&web, &Visitor(Some(signed_in)));
    Ok(render(StatusCode::OK, &MailSettings { chrome, package_mails, saved: true }))
}
