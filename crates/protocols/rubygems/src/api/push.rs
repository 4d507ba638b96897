//! `POST /api/v1/gems`: receive, inspect, publish.

use axum::{
    body::{Body, BodyDataStream},
    extract::{FromRequestParts as _, Request, State},
};
use bytes::Bytes;
use domain::{Ecosystem, PackageName, Reason, Timestamp};
use futures_util::TryStreamExt as _;
use gem_format::{Gem, Limits, Refusal, Specification};
use http::{HeaderMap, StatusCode, header};
use http_kit::{drain, drain_unread};
use registry::{Conflict, Error, Publication, Published, Upload};
use serde_json::{Value, json};

use crate::{GemError, GemResult, RubyGems, caller::KeyCaller, index::index_text};

/// The word for the uploaded file among the artifacts of a release.
pub(crate) const GEM: &str = "gem";
/// The word for the file of the quick index, made from the gemspec.
pub(crate) const QUICK: &str = "quick";

/// The word for the readme; its name stands among the facts of the release.
const README: &str = "readme";

/// Largest part with attestations, in bytes: it is held in memory.
const ATTESTATIONS: u64 = 1024 * 1024;

/// Longest facts that are recorded of a release, in bytes of JSON: every page and answer about it reads all of them. The texts of a
/// gemspec that have limits of their own could be three times as long together.
const FACTS: usize = 256 * 1024;

/// Longest detail of a refusal that is told, in characters.
const DETAIL: usize = 500;

/// `POST /api/v1/gems`: the body is the gem, or multipart with the parts `gem` and `attestations`.
pub(super) async fn push(State(state): State<RubyGems>, request: Request) -> GemResult<String> {
    let received_at = state.registry().now();
    let (mut parts, body) = request.into_parts();
    let caller = match KeyCaller::from_request_parts(&mut parts, &state).await {
        Ok(KeyCaller(caller)) => caller,
        Err(error) => {
            drain_unread(&parts.headers, body.into_data_stream()).await;
            return Err(error);
        }
    };
    let upload = receive(&state, &parts.headers, body).await?;
    let (gem, upload) = inspect(&state, upload, received_at).await?;
    let publication = publication(&gem, upload)?;
    let title = title(&gem.spec);
    match state.registry().publish(&caller, &publication, received_at).await {
        Ok(Published::Now) => Ok(format!("Successfully registered gem: {title}")),
        Ok(Published::Before) => Ok(format!("Gem was already pushed: {title}")),
        Err(error) => Err(refusal(error, &gem.spec)),
    }
}

/// `NAME (1.0.0)` or `NAME (1.0.0-java)`.
fn title(spec: &Specification) -> String {
    let rest = &spec.full_name()[spec.name.len() + 1..];
    format!("{} ({rest})", spec.name)
}

/// Receives the gem. If that fails while more of it is coming, the client still gets to hear why.
async fn receive(state: &RubyGems, headers: &HeaderMap, body: Body) -> GemResult<Upload> {
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut body = body.into_data_stream();
    let received = if content_type.starts_with("multipart/") {
        receive_multipart(state, content_type, &mut body).await
    } else {
        state.registry().receive(&mut body).await.map_err(GemError::from)
    };
    if received.is_err() {
        drain(body).await;
    }
    received
}

async fn receive_multipart(
    state: &RubyGems,
    content_type: &str,
    body: &mut BodyDataStream,
) -> GemResult<Upload> {
    let bad = |text: &str| GemError::Json(StatusCode::BAD_REQUEST, text.to_owned());
    let form_data = content_type.replacen("multipart/mixed", "multipart/form-data", 1);
    let boundary = multer::parse_boundary(form_data).map_err(|_| bad("bad request"))?;
    let limits = multer::SizeLimit::new().for_field("attestations", ATTESTATIONS);
    let constraints = multer::Constraints::new().size_limit(limits);
    let mut multipart = multer::Multipart::with_constraints(body, boundary, constraints);
    let (mut gem, mut attestations) = (None, None);
    while let Some(field) = multipart.next_field().await.map_err(|_| bad("bad request"))? {
        match field.name() {
            Some("gem") if field.file_name().is_none() => return Err(bad("gem is not a file upload")),
            Some("gem") => {
                gem = Some(state.registry().receive(field.map_err(|error| error.to_string())).await?);
            }
            Some("attestations") => attestations = Some(field.bytes().await.map_err(|_| bad("bad request"))?),
            _ => {}
        }
    }
    let gem = gem.ok_or_else(|| bad("gem is not a file upload"))?;
    check_attestations(attestations.as_deref())?;
    Ok(gem)
}

/// Attestations prove that a trusted publisher built the gem; keys of accounts cannot bring any.
fn check_attestations(attestations: Option<&[u8]>) -> GemResult<()> {
    let bad = |text: &str| Err(GemError::Json(StatusCode::BAD_REQUEST, text.to_owned()));
    let Some(attestations) = attestations else { return bad("missing attestations") };
    match serde_json::from_slice(attestations) {
        Ok(Value::Array(_)) => Err(GemError::text(
            StatusCode::BAD_REQUEST,
            "Pushing with an attestation requires trusted publishing",
        )),
        Ok(Value::Object(_)) => bad("attestations must be an array, is Hash"),
        Ok(_) => bad("attestations must be an array, is String"),
        Err(_) => bad("missing attestations"),
    }
}

/// Reads the gem, and not more gems at once than the machine can bear.
async fn inspect(state: &RubyGems, upload: Upload, now: Timestamp) -> GemResult<(Gem, Upload)> {
    let read = move || {
        let file = upload.reader().map_err(|error| GemError::internal(&error))?;
        let gem = gem_format::read(std::io::BufReader::new(file), &Limits::default(), now)
            .map_err(|e| invalid(&e))?;
        Ok((gem, upload))
    };
    state.inspections().run(read).await?
}

/// A package that cannot be read or breaks the rules of gemspecs.
fn invalid(refusal: &Refusal) -> GemError {
    if refusal.is_unreadable() {
        return GemError::internal(refusal);
    }
    if !refusal.is_alias() {
        return unprocessable(&refusal.to_string());
    }
    let text = format!(
        "{CANNOT_PROCESS}\nPushing gems where there are aliases in the YAML gemspec is no longer supported.\nPlease update to the \
         latest version of RubyGems (gem update --system),\nthen build the gem and push it again.\n"
    );
    GemError::text(StatusCode::UNPROCESSABLE_ENTITY, text)
}

/// The first line of what is told of a package that cannot be taken.
const CANNOT_PROCESS: &str = "This server cannot process this gem.";

fn unprocessable(detail: &str) -> GemError {
    let detail: String = detail.chars().filter(|c| !c.is_control()).take(DETAIL).collect();
    let text = format!(
        "{CANNOT_PROCESS}\nPlease try rebuilding it and installing it locally to make sure it's valid.\nError:\n{detail}\n"
    );
    GemError::text(StatusCode::UNPROCESSABLE_ENTITY, text)
}

/// What is recorded of a gem, if it is not too much.
fn facts(gem: &Gem, readme: Option<&str>) -> GemResult<Value> {
    let facts = json!({ "spec": gem.spec, "signed": gem.signed, "readme": readme });
    let bytes = facts.to_string().len();
    if bytes <= FACTS {
        return Ok(facts);
    }
    Err(unprocessable(&format!(
        "the gemspec is too large without its lists of files ({bytes} > {FACTS} bytes)"
    )))
}

fn publication(gem: &Gem, upload: Upload) -> GemResult<Publication> {
    let spec = &gem.spec;
    let problems = gem_format::check_model(spec);
    let name = PackageName::parse(Ecosystem::RubyGems, &spec.name).map_err(|error| {
        let problems = if problems.is_empty() { vec![format!("Name {error}")] } else { problems.clone() };
        not_saved(&problems)
    })?;
    let readme = gem.readme.as_ref().filter(|readme| !readme.text.trim().is_empty());
    let facts = facts(gem, readme.map(|readme| readme.name.as_str()))?;
    let quick = gem_format::quick_spec(spec);
    let mut companions = vec![(QUICK, Bytes::from(quick))];
    companions.extend(readme.map(|readme| (README, readme.text.clone().into())));
    let mut full_names = vec![spec.full_name(), spec.resolved_full_name()];
    full_names.dedup_by_key(|name| name.to_ascii_lowercase());
    Ok(Publication {
        name,
        number: spec.version.as_str().to_owned(),
        canonical: spec.version.canonical(),
        platform: spec.platform.original.clone(),
        resolved_platform: spec.platform.resolved.clone(),
        prerelease: spec.version.is_prerelease(),
        facts,
        index_text: index_text(spec, &hex::encode(upload.sha256())),
        full_names,
        problems,
        kind: GEM,
        companions,
        upload,
    })
}

fn not_saved(problems: &[String]) -> GemError {
    GemError::text(
        StatusCode::FORBIDDEN,
        format!("There was a problem saving your gem: {}", problems.join(", ")),
    )
}

/// What a publisher is told, in the words of RubyGems.
fn refusal(error: Error, spec: &Specification) -> GemError {
    let conflict = |text: String| GemError::text(StatusCode::CONFLICT, text);
    match error {
        Error::Invalid(problems) => not_saved(&problems),
        Error::Conflict(Conflict::Published | Conflict::Raced) => conflict(
            "Repushing of gem versions is not allowed.\nPlease bump the version number and push a new different release.\nSee \
             also `gem yank` if you want to unpublish the bad release."
                .to_owned(),
        ),
        Error::Conflict(Conflict::Withdrawn { by_previous_owner }) => {
            let by = if by_previous_owner { "pushed by a previous owner of this gem " } else { "" };
            conflict(format!(
                "A yanked version {by}already exists ({}).\nRepushing of gem versions is not allowed. Please use a new version \
                 and retry",
                spec.full_name()
            ))
        }
        Error::Denied(Reason::NotOwner) => GemError::text(
            StatusCode::FORBIDDEN,
            format!(
                "You do not have permission to push to this gem. Ask an owner to add you with: gem owner {} --add EMAIL",
                spec.name
            ),
        ),
        Error::InvitationPending { email } => GemError::text(
            StatusCode::FORBIDDEN,
            format!(
                "You do not have permission to push to this gem. Please click the confirmation link we emailed you at {email} \
                 to verify ownership before pushing."
            ),
        ),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A gem of which exactly so many bytes are recorded.
    fn recorded(bytes: usize) -> GemResult<usize> {
        let gem = gem_format::build::GemBuilder::new("hola", "1.0.0").build();
        let now = "2027-01-01T00:00:00Z".parse().unwrap();
        let mut gem = gem_format::read(std::io::Cursor::new(gem), &Limits::default(), now).unwrap();
        gem.spec.post_install_message = Some(String::new());
        let rest = facts(&gem, Some("README")).unwrap().to_string().len();
        gem.spec.post_install_message = Some("x".repeat(bytes - rest));
        facts(&gem, Some("README")).map(|facts| facts.to_string().len())
    }

    #[test]
    fn so_much_is_recorded_of_a_gem_and_no_more() {
        assert_eq!(recorded(FACTS).unwrap(), FACTS);
        let Err(GemError::Text(status, text)) = recorded(FACTS + 1) else { panic!("too much is recorded") };
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        let detail = "the gemspec is too large without its lists of files (262145 > 262144 bytes)";
        assert!(text.ends_with(&format!("Error:\n{detail}\n")), "{text}");
    }
}
