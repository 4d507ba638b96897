//! The pages of accounts: make one, confirm its address, change it, end it.

mod email;
mod mails;
mod password;
mod remove;
mod settings;
mod sign_up;

use http::Method;
use http_kit::{Access, Routes};
use registry::{Error, UserProblems};

use crate::Web;

pub(crate) use sign_up::AccountForm;

pub(crate) fn routes() -> Routes<Web> {
    Routes::default()
        .add(Method::GET, "/sign_up", Access::Public, sign_up::show)
        .add(Method::POST, "/sign_up", Access::Public, sign_up::submit)
        .add(Method::GET, "/sign_up/{token}", Access::Link, sign_up::show_invited)
        .add(Method::POST, "/sign_up/{token}", Access::Link, sign_up::submit_invited)
        .add(Method::GET, "/email/confirm/{token}", Access::Link, email::show)
        .add(Method::POST, "/email/confirm/{token}", Access::Link, email::confirm)
        .add(Method::GET, "/password/forgotten", Access::Public, password::ask)
        .add(Method::POST, "/password/forgotten", Access::Public, password::forgotten)
        .add(Method::GET, "/password/reset/{token}", Access::Link, password::show)
        .add(Method::POST, "/password/reset/{token}", Access::Link, password::reset)
        .add(Method::GET, "/settings", Access::Session, settings::show)
        .add(Method::POST, "/settings/email", Access::Session, settings::change_email)
        .add(Method::POST, "/settings/confirmation", Access::Session, settings::resend)
        .add(Method::POST, "/settings/password", Access::Session, settings::change_password)
        .add(Method::POST, "/settings/invitations", Access::Session, settings::invite)
        .add(Method::GET, "/settings/mails", Access::Session, mails::show)
        .add(Method::POST, "/settings/mails", Access::Session, mails::save)
        .add(Method::GET, "/settings/delete", Access::Session, remove::ask)
        .add(Method::POST, "/settings/delete", Access::Session, remove::delete)
}

/// What is wrong with what was typed. Gives the error back when it is about something else.
fn problems(error: Error) -> Result<UserProblems, Error> {
    match error {
        Error::InvalidUser(problems) => Ok(problems),
        other => Err(other),
    }
}
