use askama::Template;
use axum::{extract::State, http::HeaderValue, response::Response};
use http::{StatusCode, header};
use registry::{Conflict, Consequences, Error};

use crate::{
    Web,
    chrome::Chrome,
    error::{Message, WebError},
    page::render,
    signed_in::{Proved, Visitor, end_cookie},
};

#[derive(Debug, Template)]
#[template(path = "accounts/delete.html")]
struct Delete {
    chrome: Chrome,
    handle: String,
    consequences: Consequences,
    problem: Option<String>,
}

/// `GET /settings/delete`: says what it means.
pub(crate) async fn ask(State(web): State<Web>, Proved(signed_in): Proved) -> Result<Response, WebError> {
    let account = signed_in.caller.account();
    let (handle, consequences) =
        (account.handle.clone(), web.registry.consequences_of_deletion(account.id).await?);
    let chrome = Chrome::new(&web, &Visitor(Some(signed_in)));
    Ok(render(StatusCode::OK, &Delete { chrome, handle, consequences, problem: None }))
}

/// `POST /settings/delete`
pub(crate) async fn delete(State(web): State<Web>, Proved(signed_in): Proved) -> Result<Response, WebError> {
    let account = signed_in.caller.account();
    match web.registry.delete_account(&signed_in.caller, account.id).await {
        Ok(()) => Ok(gone(&web, &account.handle)),
        Err(Error::Conflict(problem @ (Conflict::OnlyOwner { .. } | Conflict::OnlyAdministrator))) => {
            let (handle, consequences) =
                (account.handle.clone(), web.registry.consequences_of_deletion(account.id).await?);
            let chrome = Chrome::new(&web, &Visitor(Some(signed_in)));
            let problem = Some(crate::error::sentence(&problem.to_string()));
            Ok(render(StatusCode::CONFLICT, &Delete { chrome, handle, consequences, problem }))
        }
        Err(error) => Err(error.into()),
    }
}

fn gone(web: &Web, handle: &str) -> Response {
    let text = format!("The account {handle} is deleted. Its keys do not work any more.");
    let page = Message { chrome: Chrome::anonymous(web), title: "Goodbye", text };
    let mut response = render(StatusCode::OK, &page);
    let cookie: HeaderValue = end_cookie(web);
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response
}
