use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{Ecosystem, Key, Profile, ValueDelivery};
use http::StatusCode;
use registry::{Error, IssuedKey, Missing, SignedIn};

use super::{
    form::{KeyForm, wanted},
    preview::PreviewView,
    view::{KeyView, label},
};
use crate::{
    Web,
    chrome::Chrome,
    error::WebError,
    fields::Fields,
    page::render,
    signed_in::{Member, Proved, Visitor},
};

#[derive(Debug, Template)]
#[template(path = "keys/choose.html")]
struct Choose {
    chrome: Chrome,
}

/// `GET /keys/new`: for which ecosystem?
pub(crate) async fn choose(State(web): State<Web>, Member(signed_in): Member) -> Response {
    render(StatusCode::OK, &Choose { chrome: Chrome::new(&web, &Visitor(Some(signed_in))) })
}

#[derive(Debug, Template)]
#[template(path = "keys/new.html")]
struct New {
    chrome: Chrome,
    label: &'static str,
    form: KeyForm,
}

/// `GET /keys/new/ECOSYSTEM`: the form.
pub(crate) async fn show(
    State(web): State<Web>,
    Proved(signed_in): Proved,
    Path(ecosystem): Path<String>,
) -> Result<Response, WebError> {
    let ecosystem = parse(&ecosystem)?;
    let own = own_packages(&web, &signed_in, ecosystem).await?;
    let form = KeyForm::of_fields(ecosystem, &Fields::default(), own);
    Ok(form_page(&web, signed_in, ecosystem, form, StatusCode::OK))
}

/// `POST /keys/new/ECOSYSTEM`: makes the key. The answer is the only one that can lead to its value.
pub(crate) async fn submit(
    State(web): State<Web>,
    Proved(signed_in): Proved,
    Path(ecosystem): Path<String>,
    fields: Fields,
) -> Result<Response, WebError> {
    let ecosystem = parse(&ecosystem)?;
    let account = signed_in.caller.account().id;
    if fields.is_ticked("preview") {
        let own = own_packages(&web, &signed_in, ecosystem).await?;
        let mut form = KeyForm::of_fields(ecosystem, &fields, own);
        form.preview = Some(PreviewView::load(&web, account, ecosystem, &fields).await?);
        return Ok(form_page(&web, signed_in, ecosystem, form, StatusCode::OK));
    }
    let issued = match wanted(ecosystem, &fields) {
        Ok(wanted) => web.registry.issue_key(&signed_in.caller, account, ecosystem, wanted).await,
        Err(error) => Err(error),
    };
    match issued {
        Ok(issued) => made_page(&web, signed_in, &issued, "made").await,
        Err(error) => {
            let own = own_packages(&web, &signed_in, ecosystem).await?;
            let mut form = KeyForm::of_fields(ecosystem, &fields, own);
            form.blame(error)?;
            Ok(form_page(&web, signed_in, ecosystem, form, StatusCode::UNPROCESSABLE_ENTITY))
        }
    }
}

fn form_page(
    web: &Web,
    signed_in: SignedIn,
    ecosystem: Ecosystem,
    form: KeyForm,
    status: StatusCode,
) -> Response {
    let chrome = Chrome::new(web, &Visitor(Some(signed_in)));
    render(status, &New { chrome, label: label(ecosystem), form })
}

#[derive(Template)]
#[template(path = "keys/made.html")]
struct Made<'a> {
    chrome: Chrome,
    key: KeyView,
    verb: &'static str,
    /// The value, where the ecosystem shows it; once.
    value: Option<&'a str>,
    /// What the Copy button sends to draw the value, where it is never shown.
    claim: Option<&'a str>,
    commands: Vec<String>,
}

/// The page after a key got a value.
pub(crate) async fn made_page(
    web: &Web,
    signed_in: SignedIn,
    issued: &IssuedKey,
    verb: &'static str,
) -> Result<Response, WebError> {
    let shown = Profile::of(issued.key.ecosystem).value_delivery() == ValueDelivery::ShownOnce;
    // A value that is only copied is drawn when the button is pressed; the one from the making is never known to anybody.
    let claim =
        if shown { None } else { Some(web.registry.offer_value(&signed_in.caller, issued.key.id).await?) };
    let page = Made {
        chrome: Chrome::new(web, &Visitor(Some(signed_in))),
        key: KeyView::new(&issued.key, web.registry.now()),
        verb,
        value: shown.then(|| issued.value.expose()),
        claim: claim.as_ref().map(domain::Token::expose),
        commands: commands(&web.base_url, &issued.key),
    };
    Ok(render(StatusCode::CREATED, &page))
}

/// What to type, with this server's address; the value stays a placeholder.
fn commands(base: &str, key: &Key) -> Vec<String> {
    match key.ecosystem {
        Ecosystem::RubyGems => {
            vec![format!("GEM_HOST_API_KEY=KEY gem push hola-1.0.0.gem --host {base}/rubygems")]
        }
        Ecosystem::NuGet => vec![
            format!("dotnet nuget push Hola.1.0.0.nupkg --api-key KEY --source {base}/nuget/v3/index.json"),
            format!("nuget push Hola.1.0.0.nupkg -ApiKey KEY -Source {base}/nuget/v3/index.json"),
        ],
        Ecosystem::PowerShell => vec![
            format!("Register-PSResourceRepository -Name Keyward -Uri {base}/psgallery/api/v2 -Trusted"),
            "Publish-PSResource -Path ./Hola -Repository Keyward -ApiKey KEY".to_owned(),
        ],
    }
}

pub(super) fn parse(ecosystem: &str) -> Result<Ecosystem, WebError> {
    ecosystem.parse().map_err(|_| Error::NotFound(Missing::Page).into())
}

/// Own packages that a form offers; others can be typed.
const OFFERED_PACKAGES: usize = 1000;

/// Names of the account's own packages, to choose from.
pub(super) async fn own_packages(
    web: &Web,
    signed_in: &SignedIn,
    ecosystem: Ecosystem,
) -> Result<Vec<String>, WebError> {
    Ok(web.registry.own_package_names(signed_in.caller.account().id, ecosystem, OFFERED_PACKAGES).await?)
}
