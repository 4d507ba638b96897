use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{Key, KeyEdit, Profile};
use http::StatusCode;
use registry::{Error, Missing, SignedIn};

use super::{
    create::own_packages,
    form::{KeyForm, selection},
    preview::PreviewView,
    scopes::words,
    view::KeyView,
};
use crate::{
    Web,
    chrome::Chrome,
    error::WebError,
    fields::Fields,
    page::render,
    signed_in::{Proved, Visitor},
};

#[derive(Debug, Template)]
#[template(path = "keys/edit.html")]
struct Edit {
    chrome: Chrome,
    key: KeyView,
    form: KeyForm,
    scopes_editable: bool,
}

/// `GET /keys/ID`: the form of a key.
pub(crate) async fn show(
    State(web): State<Web>,
    Proved(signed_in): Proved,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let key = own_key(&web, &signed_in, &id).await?;
    Profile::of(key.ecosystem)
        .may_edit(&key, web.registry.now())
        .map_err(|problem| Error::InvalidKey(problem.into()))?;
    let form = KeyForm::of_key(&key, own_packages(&web, &signed_in, key.ecosystem).await?);
    Ok(page(&web, signed_in, &key, form, StatusCode::OK))
}

/// `POST /keys/ID`: changes the key, all or nothing.
pub(crate) async fn submit(
    State(web): State<Web>,
    Proved(signed_in): Proved,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, WebError> {
    let key = own_key(&web, &signed_in, &id).await?;
    if fields.is_ticked("preview") {
        let mut form = typed(&web, &signed_in, &key, &fields).await?;
        form.preview = Some(PreviewView::load(&web, key.owner, key.ecosystem, &fields).await?);
        return Ok(page(&web, signed_in, &key, form, StatusCode::OK));
    }
    match change(&web, &signed_in, &key, &fields).await {
        Ok(()) => Ok(Redirect::to(&format!("{}/keys", web.root())).into_response()),
        Err(error) => {
            let mut form = typed(&web, &signed_in, &key, &fields).await?;
            form.blame(error)?;
            Ok(page(&web, signed_in, &key, form, StatusCode::UNPROCESSABLE_ENTITY))
        }
    }
}

/// The form as it was sent.
async fn typed(web: &Web, signed_in: &SignedIn, key: &Key, fields: &Fields) -> Result<KeyForm, WebError> {
    let own = own_packages(web, signed_in, key.ecosystem).await?;
    let mut form = KeyForm::of_fields(key.ecosystem, fields, own);
    // The end of a key is no field of this form.
    form.days.clear();
    Ok(form)
}

async fn change(web: &Web, signed_in: &SignedIn, key: &Key, fields: &Fields) -> Result<(), Error> {
    let editable = Profile::of(key.ecosystem).editable();
    let wanted = selection(key.ecosystem, fields);
    let selection = web.registry.resolve_selection(key.owner, key.ecosystem, wanted).await?;
    let edit = KeyEdit {
        words: editable.words.then(|| words(fields)),
        selection: Some(selection),
        otp_required: fields.is_ticked("second_factor").then_some(true),
    };
    web.registry.edit_key(&signed_in.caller, key.id, edit).await?;
    Ok(())
}

fn page(web: &Web, signed_in: SignedIn, key: &Key, form: KeyForm, status: StatusCode) -> Response {
    let page = Edit {
        chrome: Chrome::new(web, &Visitor(Some(signed_in))),
        key: KeyView::new(key, web.registry.now()),
        form,
        scopes_editable: Profile::of(key.ecosystem).editable().words,
    };
    render(status, &page)
}

/// A key of whoever is signed in. The keys of others do not exist.
pub(super) async fn own_key(web: &Web, signed_in: &SignedIn, id: &str) -> Result<Key, WebError> {
    let unknown = || Error::NotFound(Missing::Key);
    let key = web.registry.key(id.parse().map_err(|_| unknown())?).await?;
    if key.owner == signed_in.caller.account().id { Ok(key) } else { Err(unknown().into()) }
}
