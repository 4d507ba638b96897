//! Sign-in: keys made and widened with name and password.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{Action, Ecosystem, Expiry, KeyEdit, PackageName, Profile, Timestamp};
use http::{Method, StatusCode, Uri, header};
use http_kit::{Format, Params, split_format};
use registry::{Caller, Error, IssuedKey, KeySelection, Missing, NewKey};
use serde_json::json;

use crate::{
    GemError, GemResult, RubyGems,
    caller::{KeyCaller, PasswordCaller},
};

/// Answers with a secret are kept by nobody.
const NO_STORE: (header::HeaderName, &str) = (header::CACHE_CONTROL, "private, no-store");

/// `POST /api/v1/api_key`: makes a key with the scopes that are true.
pub(super) async fn create(
    State(state): State<RubyGems>,
    PasswordCaller(caller): PasswordCaller,
    uri: Uri,
    params: Params,
) -> GemResult<Response> {
    let wanted = NewKey {
        name: params.get("name").unwrap_or_default().to_owned(),
        words: chosen_scopes(&params),
        selection: params
            .present("rubygem_name")
            .map_or(KeySelection::Any, |name| KeySelection::Owned(name.to_owned())),
        expiry: expiry(params.present("expires_at"))?,
        otp_required: params.boolean("mfa").unwrap_or(false),
    };
    let issued = issue(&state, &caller, wanted).await?;
    Ok(key_answer(&issued, &uri))
}

/// `GET /api/v1/api_key`: the sign-in of clients older than RubyGems 3.2. Each call makes a new key.
pub(super) async fn legacy(
    State(state): State<RubyGems>,
    method: Method,
    PasswordCaller(caller): PasswordCaller,
    uri: Uri,
) -> GemResult<Response> {
    if !state.options().legacy_get_api_key || method == Method::HEAD {
        let text = "This way of signing in is switched off on this server. Please update RubyGems, or make a key on the pages of \
                    this server and set GEM_HOST_API_KEY.";
        return Err(GemError::text(StatusCode::GONE, text));
    }
    let words = Profile::of(Ecosystem::RubyGems).words().iter().filter(|word| !word.exclusive);
    let wanted = NewKey {
        name: "legacy-key".to_owned(),
        words: words.map(|word| word.word.to_owned()).collect(),
        selection: KeySelection::Any,
        expiry: Expiry::Never,
        otp_required: false,
    };
    let issued = issue(&state, &caller, wanted).await?;
    Ok(key_answer(&issued, &uri))
}

async fn issue(state: &RubyGems, caller: &Caller, wanted: NewKey) -> GemResult<IssuedKey> {
    Ok(state.registry().issue_key(caller, caller.account().id, Ecosystem::RubyGems, wanted).await?)
}

/// The bare key, without a line end: the client stores the body as it is.
fn key_answer(issued: &IssuedKey, uri: &Uri) -> Response {
    let value = issued.value.expose();
    match split_format(uri.path()).1 {
        Some(Format::Json) => {
            ([NO_STORE], Json(json!({ "rubygems_api_key": value, "status": "ok" }))).into_response()
        }
        Some(Format::Yaml) => {
            ([NO_STORE], format!("---\n:rubygems_api_key: {value}\n:status: :ok\n")).into_response()
        }
        Some(Format::Plain) | None => ([NO_STORE], value.to_owned()).into_response(),
    }
}

/// `PUT /api/v1/api_key`: changes the scopes that are given of the key that is given.
pub(super) async fn update(
    State(state): State<RubyGems>,
    PasswordCaller(caller): PasswordCaller,
    params: Params,
) -> GemResult<String> {
    let value = params.present("api_key").ok_or_else(|| GemError::missing_param("api_key"))?;
    let key = state.registry().find_own_key(caller.account().id, value).await?;
    if key.ecosystem != Ecosystem::RubyGems || key.revoked_at.is_some() {
        return Err(Error::from(Missing::Key).into());
    }
    let held = |word: &str| key.words.iter().any(|held| held.word == word);
    let words = Profile::of(Ecosystem::RubyGems)
        .words()
        .iter()
        .filter(|word| params.boolean(word.word).unwrap_or_else(|| held(word.word)))
        .map(|word| word.word.to_owned())
        .collect();
    let edit = KeyEdit { words: Some(words), selection: None, otp_required: params.boolean("mfa") };
    match state.registry().edit_key(&caller, key.id, edit).await {
        Ok(key) => Ok(format!("Scopes for the API key {} updated", key.name)),
        Err(Error::InvalidKey(problems)) => {
            let texts: Vec<_> = problems.iter().map(domain::KeyProblem::wire).collect();
            let text = format!("Failed to update scopes for the API key {}: {}", key.name, json!(texts));
            Err(GemError::text(StatusCode::UNPROCESSABLE_ENTITY, text))
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /api/v1/api_key/check?scope=push_rubygem[&gem_name=hola]`: may this key do that? Changes nothing; 204 or the refusal
/// that the action itself would get. Ours.
pub(super) async fn check(
    State(state): State<RubyGems>,
    KeyCaller(caller): KeyCaller,
    params: Params,
) -> GemResult<StatusCode> {
    let scope = params.present("scope").ok_or_else(|| GemError::missing_param("scope"))?;
    let word = Profile::of(Ecosystem::RubyGems).word(scope);
    let actions: &[Action] = word
        .ok_or_else(|| GemError::Json(StatusCode::BAD_REQUEST, format!("There is no scope '{scope}'")))?
        .actions;
    match params.present("gem_name") {
        None => state.registry().may_somewhere(&caller, actions)?,
        Some(name) => {
            let name = PackageName::parse(Ecosystem::RubyGems, name)
                .map_err(|error| GemError::Json(StatusCode::BAD_REQUEST, format!("Name {error}")))?;
            Box::pin(state.registry().may_on(&caller, actions, &name)).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

fn chosen_scopes(params: &Params) -> Vec<String> {
    let words = Profile::of(Ecosystem::RubyGems).words().iter();
    words.filter(|word| params.boolean(word.word) == Some(true)).map(|word| word.word.to_owned()).collect()
}

/// An instant with its offset, or a date and time in UTC, or a date.
fn expiry(text: Option<&str>) -> GemResult<Expiry> {
    let Some(text) = text else { return Ok(Expiry::Never) };
    let in_utc = || {
        let civil = text.trim_end_matches(" UTC").parse::<jiff::civil::DateTime>().ok()?;
        Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    };
    text.parse::<Timestamp>()
        .ok()
        .or_else(in_utc)
        .map(Expiry::At)
        .ok_or_else(|| GemError::text(StatusCode::UNPROCESSABLE_ENTITY, "Expires at is not a date and time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_is_read_in_the_forms_that_people_write() {
        let instant = Expiry::At("2026-08-01T12:30:00Z".parse().unwrap());
        for text in [
            "2026-08-01T12:30:00Z",
            "2026-08-01T14:30:00+02:00",
            "2026-08-01 12:30",
            "2026-08-01 12:30:00 UTC",
        ] {
            assert_eq!(expiry(Some(text)).unwrap(), instant, "{text}");
        }
        assert_eq!(expiry(None).unwrap(), Expiry::Never);
    }

    #[test]
    fn an_expiry_that_cannot_be_read_is_refused_and_never_means_never() {
        assert!(matches!(expiry(Some("soon")), Err(GemError::Text(StatusCode::UNPROCESSABLE_ENTITY, _))));
    }
}
