//! `/api/v1/api_key`: sign-in, and keys that are widened later.

use domain::Ecosystem;
use http::Method;
use testkit::{Answer, OPERATOR, Person, TestApp, send};

use crate::support::{API_KEY, LOST, NO_SCOPE, UNCONFIRMED, gem, make_owner, owners_of, publish, says};

async fn sign_in(person: &Person<'_>, fields: &[(&str, &str)]) -> Answer {
    person.form(Method::POST, API_KEY, fields).await
}

/// The body is the key and nothing else.
fn assert_is_key(text: &str) {
    let rest = text.strip_prefix("keyward_").unwrap_or_else(|| panic!("not a key: {text}"));
    assert!(rest.len() == 46 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{text}");
}

fn assert_kept_by_nobody(answer: &Answer) {
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    assert_eq!(answer.header("surrogate-control"), Some("max-age=0"));
    assert_eq!(answer.header("vary"), Some("Cookie, Authorization"));
}

#[tokio::test]
async fn sign_in_answers_with_the_bare_key_which_works_at_once() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let answer = sign_in(&alice, &[("name", "laptop"), ("push_rubygem", "true")]).await;
    assert_eq!(answer.status, 200);
    assert_is_key(&answer.text());
    assert_kept_by_nobody(&answer);
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    let push = app.request(Method::POST, "/rubygems/api/v1/gems").header("authorization", answer.text());
    assert_eq!(send(push.body(gem("hola", "1.0.0"))).await.status, 200);
}

#[tokio::test]
async fn the_key_comes_as_json_or_yaml_where_the_path_says_so() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let fields = [("name", "laptop"), ("push_rubygem", "true")];
    let json = alice.form(Method::POST, &format!("{API_KEY}.json"), &fields).await;
    assert_is_key(json.json()["rubygems_api_key"].as_str().expect("a text"));
    assert_eq!(json.json()["status"], "ok");
    assert_kept_by_nobody(&json);
    let yaml = alice.form(Method::POST, &format!("{API_KEY}.yaml"), &fields).await;
    let text = yaml.text();
    let key =
        text.strip_prefix("---\n:rubygems_api_key: ").and_then(|rest| rest.strip_suffix("\n:status: :ok\n"));
    assert_is_key(key.expect("symbols for names"));
    assert_kept_by_nobody(&yaml);
    let refused = alice.form(Method::POST, &format!("{API_KEY}.json"), &[("name", "laptop")]).await;
    assert_eq!(refused.told(), says(422, "Please enable at least one scope"));
}

#[tokio::test]
async fn a_wrong_password_is_told_in_the_one_line_that_clients_print() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let denied = says(401, "HTTP Basic: Access denied.\n");
    let post = || app.request(Method::POST, API_KEY).body("name=a&push_rubygem=true");
    let wrong = send(post().basic_auth("alice", Some("wrong"))).await;
    assert_eq!(wrong.told(), denied);
    assert_eq!(wrong.header("www-authenticate"), Some("Basic realm=\"Application\""));
    assert_eq!(send(post()).await.told(), denied);
    assert_eq!(send(post().basic_auth("nobody", Some("wrong"))).await.told(), denied);
    assert_eq!(send(post().basic_auth("alice", None::<&str>)).await.told(), denied);
    assert_eq!(send(post().header("authorization", "Basic !!!")).await.told(), denied);
    assert!(app.db_texts("SELECT name FROM keys").await.is_empty());
}

#[tokio::test]
async fn one_signs_in_by_handle_or_mail_address_with_space_around_it() {
    let app = TestApp::start().await;
    app.person("alice").await;
    for login in ["alice", " alice ", "ALICE@example.com"] {
        let request = app.request(Method::POST, API_KEY).basic_auth(login, Some(testkit::PASSWORD));
        let answer = send(request.body("name=a&index_rubygems=true")).await;
        assert_eq!(answer.status, 200, "{login}");
    }
}

#[tokio::test]
async fn an_account_without_a_confirmed_address_makes_no_keys() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    alice.db_unconfirm().await;
    let fields = [("name", "a"), ("push_rubygem", "true")];
    assert_eq!(sign_in(&alice, &fields).await.told(), says(403, UNCONFIRMED));
    assert_eq!(alice.form(Method::PUT, API_KEY, &[("api_key", "x")]).await.told(), says(403, UNCONFIRMED));
    assert_eq!(alice.get(API_KEY).await.told(), says(403, UNCONFIRMED));
}

#[tokio::test]
async fn a_locked_account_does_not_sign_in() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    alice.db_lock().await;
    let answer = sign_in(&alice, &[("name", "a"), ("push_rubygem", "true")]).await;
    assert_eq!(answer.told(), says(401, "HTTP Basic: Access denied.\n"));
}

#[tokio::test]
async fn what_is_wrong_with_a_key_is_said_in_one_sentence() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let long = "x".repeat(256);
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[("name", "a")], "Please enable at least one scope"),
        (&[("name", "a"), ("push_rubygem", "false")], "Please enable at least one scope"),
        (&[("push_rubygem", "true")], "Name can't be blank"),
        (&[("name", " ")], "Name can't be blank and Please enable at least one scope"),
        (&[("name", &long), ("push_rubygem", "1")], "Name is too long (maximum is 255 characters)"),
        (
            &[("name", "a"), ("show_dashboard", "true"), ("push_rubygem", "true")],
            "Show dashboard scope must be enabled exclusively",
        ),
        (
            &[("name", "a"), ("index_rubygems", "true"), ("rubygem_name", "hola")],
            "Rubygem could not be found",
        ),
        (
            &[("name", ""), ("show_dashboard", "t"), ("push_rubygem", "t"), ("expires_at", "2020-01-01")],
            "Name can't be blank, Show dashboard scope must be enabled exclusively, and Expires at must be in the future",
        ),
    ];
    for (fields, text) in cases {
        assert_eq!(sign_in(&alice, fields).await.told(), says(422, text), "{fields:?}");
    }
    assert!(app.db_texts("SELECT name FROM keys").await.is_empty(), "no key was made");
}

#[tokio::test]
async fn a_key_is_bound_to_a_gem_that_its_maker_owns() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    publish(&app.person("bob").await.key(&["push_rubygem"]).await, "adios", "1.0.0").await;
    publish(&alice.key(&["push_rubygem"]).await, "hola", "1.0.0").await;
    let ask = async |gem: &str, scope: &str| {
        sign_in(&alice, &[("name", "a"), (scope, "true"), ("rubygem_name", gem)]).await
    };
    let not_owned = "Rubygem must be a gem that you are an owner of";
    assert_eq!(ask("adios", "push_rubygem").await.told(), says(422, not_owned));
    let no_use = "Rubygem scope can only be set for push/yank rubygem, and add/remove owner scopes";
    assert_eq!(ask("hola", "index_rubygems").await.told(), says(422, no_use));
    let key = ask("hola", "push_rubygem").await.text();
    let push =
        |bytes| app.request(Method::POST, "/rubygems/api/v1/gems").header("authorization", &key).body(bytes);
    assert_eq!(send(push(gem("hola", "1.1.0"))).await.status, 200);
    assert_eq!(send(push(gem("nuevo", "1.0.0"))).await.status, 403);
}

#[tokio::test]
async fn a_key_ends_at_the_instant_that_was_asked_for() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let ask = async |expires_at: &str| {
        sign_in(&alice, &[("name", "a"), ("index_rubygems", "true"), ("expires_at", expires_at)]).await
    };
    let past = says(422, "Expires at must be in the future");
    assert_eq!(ask("2026-08-01T11:00:00Z").await.told(), past);
    assert_eq!(ask("2026-08-01T12:00:59Z").await.told(), past, "less than a minute ahead");
    assert_eq!(ask("next year").await.told(), says(422, "Expires at is not a date and time"));
    let key = ask("2026-08-01T14:30:00+02:00").await.text();
    let list = || app.request(Method::GET, "/rubygems/api/v1/gems").header("authorization", &key);
    app.clock.advance(30 * 60 - 1);
    assert_eq!(send(list()).await.status, 200);
    app.clock.advance(1);
    let expired = send(list()).await;
    assert_eq!(expired.told(), crate::support::denied(&app), "expired is told like unknown");
    assert_eq!(expired.header("x-keyward-reason"), Some("expired"), "but programs can tell");
}

#[tokio::test]
async fn a_nul_byte_is_a_bad_request() {
    let app = TestApp::start().await;
    let answer = sign_in(&app.person("alice").await, &[("name", "a\0b"), ("push_rubygem", "true")]).await;
    assert_eq!(answer.told(), says(400, r#"{"error":"bad request"}"#));
}

#[tokio::test]
async fn scopes_that_are_given_change_and_the_others_stay() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let key = alice.key(&["push_rubygem"]).await;
    assert_eq!(key.yank("hola", "1").await.told(), says(403, NO_SCOPE));
    let widened =
        alice.form(Method::PUT, API_KEY, &[("api_key", &key.value), ("yank_rubygem", "true")]).await;
    assert_eq!(widened.told(), says(200, "Scopes for the API key test updated"));
    publish(&key, "hola", "1").await;
    assert_eq!(key.yank("hola", "1").await.status, 200, "the very next call");
    let fields = [("api_key", key.value.as_str()), ("push_rubygem", "false")];
    assert_eq!(alice.form(Method::PATCH, API_KEY, &fields).await.status, 200);
    assert_eq!(key.push(gem("hola", "2")).await.told(), says(403, NO_SCOPE));
    let keys = app.registry().keys(alice.id).await.expect("keys can be listed");
    let words: Vec<_> = keys[0].words.iter().map(|word| word.word).collect();
    assert_eq!(words, ["yank_rubygem"]);
}

#[tokio::test]
async fn a_change_that_breaks_a_rule_changes_nothing() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let key = alice.key(&["push_rubygem"]).await;
    publish(&key, "hola", "1").await;
    let put = async |value: &str, field: (&str, &str)| {
        alice.form(Method::PUT, API_KEY, &[("api_key", value), field]).await.told()
    };
    let failed =
        |text: &str| says(422, format!("Failed to update scopes for the API key test: [\"{text}\"]"));
    let exclusive = put(&key.value, ("show_dashboard", "true")).await;
    assert_eq!(exclusive, failed("Show dashboard scope must be enabled exclusively"));
    let none = put(&key.value, ("push_rubygem", "false")).await;
    assert_eq!(none, failed("Please enable at least one scope"));
    publish(&key, "hola", "2").await;
    let passing = alice.key_for_seconds(&["push_rubygem"], 60).await;
    app.clock.advance(60);
    let expired = put(&passing.value, ("yank_rubygem", "true")).await;
    assert_eq!(expired, failed("An expired API key cannot be used. Please create a new one."));
}

#[tokio::test]
async fn only_ones_own_living_keys_are_found() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.person("alice").await, app.person("bob").await);
    let put = async |value: &str| {
        alice.form(Method::PUT, API_KEY, &[("api_key", value), ("yank_rubygem", "true")]).await.told()
    };
    let not_found = says(404, "Not Found");
    let foreign = bob.key(&["push_rubygem"]).await;
    assert_eq!(put(&foreign.value).await, not_found);
    assert_eq!(put("rubygems_0123456789abcdef").await, not_found);
    let revoked = alice.key(&["push_rubygem"]).await;
    app.registry().revoke_key(OPERATOR, revoked.id).await.expect("it can be revoked");
    assert_eq!(put(&revoked.value).await, not_found);
    assert_eq!(put("").await, says(400, r#"{"error":"Request is missing param 'api_key'"}"#));
    assert_eq!(foreign.yank("hola", "1").await.told(), says(403, NO_SCOPE), "bob's key is as it was");
}

#[tokio::test]
async fn a_key_whose_gem_was_lost_cannot_be_widened() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.person("alice").await, app.person("bob").await);
    let key = alice.key(&["push_rubygem", "add_owner", "remove_owner"]).await;
    publish(&key, "hola", "1").await;
    make_owner(&app, &key, "hola", "bob", "owner").await;
    let bound = bob.key_for_gem(&["push_rubygem"], "hola").await;
    assert_eq!(key.form(Method::DELETE, &owners_of("hola"), &[("email", "bob")]).await.status, 200);
    let fields = [("api_key", bound.value.as_str()), ("yank_rubygem", "true")];
    let told = says(422, format!("Failed to update scopes for the API key test: [\"{LOST}\"]"));
    assert_eq!(bob.form(Method::PUT, API_KEY, &fields).await.told(), told);
}

#[tokio::test]
async fn the_sign_in_of_old_clients_makes_a_key_of_all_scopes_but_the_exclusive_one() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let answer = alice.get(API_KEY).await;
    assert_eq!(answer.status, 200);
    assert_is_key(&answer.text());
    assert_kept_by_nobody(&answer);
    let keys = app.registry().keys(alice.id).await.expect("keys can be listed");
    let words: Vec<_> = keys[0].words.iter().map(|word| word.word).collect();
    assert_eq!(keys[0].name, "legacy-key");
    assert!(words.len() == 8 && !words.contains(&"show_dashboard"), "{words:?}");
    let head = send(alice.request(Method::HEAD, API_KEY)).await;
    assert_eq!(head.status, 410);
    assert_eq!(app.registry().keys(alice.id).await.expect("keys can be listed").len(), 1, "HEAD made none");
}

#[tokio::test]
async fn the_sign_in_of_old_clients_can_be_switched_off() {
    let app = TestApp::start_with(|settings| settings.rubygems.legacy_get_api_key = false).await;
    let alice = app.person("alice").await;
    let answer = alice.get(API_KEY).await;
    assert_eq!(answer.status, 410);
    assert!(answer.text().contains("update RubyGems") && answer.text().contains("GEM_HOST_API_KEY"));
    assert!(app.registry().keys(alice.id).await.expect("keys can be listed").is_empty());
}

#[tokio::test]
async fn guessing_keys_from_one_address_is_slowed_down() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["index_rubygems"]).await;
    let ask = || app.request(Method::GET, "/rubygems/api/v1/gems").header("authorization", "keyward_guess");
    let mut limited = None;
    for _ in 0..310 {
        let answer = send(ask()).await;
        if answer.status != 401 {
            limited = Some(answer);
            break;
        }
    }
    let limited = limited.expect("three hundred tries are enough");
    assert_eq!(limited.told(), says(429, "Retry later\n"));
    let seconds: u64 = limited.header("retry-after").expect("it says when").parse().expect("in seconds");
    assert!((1..=300).contains(&seconds), "{seconds}");
    assert_eq!(key.get("/rubygems/api/v1/gems").await.status, 200, "whoever has a key goes on");
}

#[tokio::test]
async fn a_reset_revokes_every_key_of_the_account() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let (first, second) = (alice.key(&["index_rubygems"]).await, alice.key(&["index_rubygems"]).await);
    assert_eq!(first.get("/rubygems/api/v1/gems").await.status, 200);
    let other = app.person("bob").await.key(&["index_rubygems"]).await;
    let reset = app.registry().reset_keys(OPERATOR, alice.id, Ecosystem::RubyGems).await;
    assert_eq!(reset.expect("keys can be reset"), 2);
    for key in [first, second] {
        assert_eq!(key.get("/rubygems/api/v1/gems").await.status, 401);
    }
    assert_eq!(other.get("/rubygems/api/v1/gems").await.status, 200);
}

#[tokio::test]
async fn two_factor_authentication_cannot_be_required_before_it_is_enforced() {
    const NOT_YET: &str =
        "Two-factor authentication is not available on this server yet, so a key cannot require it.";
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let create = async |mfa: &str| {
        sign_in(&alice, &[("name", "laptop"), ("push_rubygem", "true"), ("mfa", mfa)]).await
    };
    assert_eq!(create("true").await.told(), says(422, NOT_YET));
    assert!(app.db_texts("SELECT name FROM keys").await.is_empty(), "no key was made");
    // What clients send of it follows from what the profile says, which is that there is none.
    assert_eq!(alice.get("/rubygems/api/v1/profile/me").await.json()["mfa"], "disabled");
    assert_is_key(&create("false").await.text());

    let key = alice.key(&["push_rubygem"]).await;
    let update = [("api_key", key.value.as_str()), ("yank_rubygem", "true"), ("mfa", "true")];
    let refused = alice.form(Method::PUT, API_KEY, &update).await;
    let failed = format!("Failed to update scopes for the API key test: [\"{NOT_YET}\"]");
    assert_eq!(refused.told(), says(422, failed));
    let kept = app.registry().key(key.id).await.expect("the key is there");
    assert_eq!((kept.words.len(), kept.otp_required), (1, false), "nothing of it was changed");
    let update = [("api_key", key.value.as_str()), ("yank_rubygem", "true"), ("mfa", "false")];
    assert_eq!(alice.form(Method::PUT, API_KEY, &update).await.status, 200);
}
