//! Making a key: every scope of every ecosystem, and what a form says when something is wrong.

use domain::{Ecosystem, Profile};
use testkit::{GemBuilder, TestApp};

use crate::browser::Browser;

/// The page of the form.
fn form(ecosystem: Ecosystem) -> String {
    format!("/keys/new/{}", ecosystem.as_str())
}

/// Fills in what the ecosystem wants besides a name and scopes.
async fn for_all_packages(browser: &Browser<'_>, ecosystem: Ecosystem) {
    if ecosystem != Ecosystem::RubyGems {
        browser.fill("Glob patterns", "*").await;
    }
}

/// Each scope is off in an empty form, is explained, and makes a key that has it alone.
async fn each_scope(ecosystem: Ecosystem) {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let browser = Browser::signed_in(&app, "alice").await;
    for scope in Profile::of(ecosystem).words().iter().filter(|scope| scope.served) {
        browser.go(&form(ecosystem)).await;
        assert!(browser.shows(scope.plain).await, "{} is explained", scope.word);
        for other in Profile::of(ecosystem).words().iter().filter(|scope| scope.served) {
            assert!(!browser.is_ticked(&label(other.word)).await, "{} is off", other.word);
        }
        browser.fill("Name", &format!("for {}", scope.word)).await;
        browser.tick(&label(scope.word)).await;
        if scope.package_bound {
            for_all_packages(&browser, ecosystem).await;
        }
        browser.press("Make the key").await;
        assert!(browser.shows(&format!("The key for {} was made", scope.word)).await, "{}", scope.word);
    }
    let made = app.registry().keys(alice.id).await.expect("keys can be listed");
    let mut made: Vec<_> =
        made.iter().map(|key| (key.name.clone(), key.words[0].word, key.words.len())).collect();
    made.sort();
    let words = Profile::of(ecosystem).words().iter().filter(|scope| scope.served);
    let mut expected: Vec<_> =
        words.map(|scope| scope.word).map(|word| (format!("for {word}"), word, 1)).collect();
    expected.sort();
    assert_eq!(made, expected);
}

/// The label of a scope begins with its word, and goes on: `package:push` is the beginning of another word.
fn label(word: &str) -> String {
    format!("{word} ")
}

#[tokio::test]
async fn each_scope_of_gems_makes_a_key_with_it_alone() {
    each_scope(Ecosystem::RubyGems).await;
}

#[tokio::test]
async fn each_scope_of_nuget_makes_a_key_with_it_alone() {
    each_scope(Ecosystem::NuGet).await;
}

#[tokio::test]
async fn each_scope_of_powershell_makes_a_key_with_it_alone() {
    each_scope(Ecosystem::PowerShell).await;
}

#[tokio::test]
async fn a_form_that_is_refused_says_so_beside_the_field_and_everything_typed_stays() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let browser = Browser::signed_in(&app, "alice").await;
    browser.go("/keys/new/rubygems").await;
    browser.fill("Name", "my <ci> & more").await;
    browser.tick("index_rubygems").await;
    browser.tick("push_rubygem").await;
    browser.set("Expires", "2020-01-01T12:00").await;
    browser.press("Make the key").await;
    let refusal = "The expiry must lie at least a minute in the future.";
    assert!(browser.text_of("[role=alert]").await.contains(refusal));
    assert_eq!(browser.text_of("#expires_at-problem").await, refusal, "it is said beside the field, too");
    assert_eq!(browser.value("Name").await, "my <ci> & more");
    assert_eq!(browser.value("Expires").await, "2020-01-01T12:00");
    for ticked in ["index_rubygems", "push_rubygem"] {
        assert!(browser.is_ticked(ticked).await, "{ticked}");
    }
    assert!(!browser.is_ticked("yank_rubygem").await);
    assert!(app.registry().keys(alice.id).await.unwrap().is_empty(), "nothing was made");
    browser.set("Expires", "2027-01-01T12:00").await;
    browser.press("Make the key").await;
    assert!(browser.shows("was made").await, "what is left is right: {}", browser.text().await);
}

#[tokio::test]
async fn nothing_chosen_is_refused_for_each_ecosystem_and_what_is_wrong_is_said() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let browser = Browser::signed_in(&app, "alice").await;
    for &ecosystem in Ecosystem::ALL {
        browser.go(&form(ecosystem)).await;
        browser.fill("Name", "ci").await;
        browser.press("Make the key").await;
        let said = browser.text_of("[role=alert]").await;
        assert!(said.contains("scope"), "{ecosystem:?}: {said}");
        assert!(ecosystem == Ecosystem::RubyGems || said.contains("package"), "{ecosystem:?}: {said}");
        assert_eq!(browser.value("Name").await, "ci");
    }
    assert!(app.registry().keys(alice.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_wrong_glob_and_the_lifetime_stay_as_they_were_typed() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let browser = Browser::signed_in(&app, "alice").await;
    for ecosystem in [Ecosystem::NuGet, Ecosystem::PowerShell] {
        browser.go(&form(ecosystem)).await;
        browser.fill("Name", "ci").await;
        browser.tick("package:push ").await;
        browser.fill("Names", "Contoso.Tools").await;
        browser.fill("Glob patterns", "Fabrikam.[0-9]").await;
        browser.choose("Expires in", "90 days").await;
        browser.press("Make the key").await;
        assert!(browser.text_of("[role=alert]").await.contains("`Fabrikam.[0-9]`"));
        assert!(browser.text_of("#globs-problem").await.contains("`Fabrikam.[0-9]`"), "beside the field");
        assert_eq!(browser.value("Names").await, "Contoso.Tools");
        assert_eq!(browser.value("Glob patterns").await, "Fabrikam.[0-9]");
        assert_eq!(browser.value("Expires in").await, "90");
        assert!(browser.is_ticked("package:push ").await);
    }
}

#[tokio::test]
async fn the_lifetimes_that_are_offered_are_those_of_the_ecosystem() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let browser = Browser::signed_in(&app, "alice").await;
    let offered = "return [...document.querySelectorAll('#days option')].map(it => it.value)";
    browser.go("/keys/new/powershell").await;
    let days = browser.driver.run(offered, &[]).await;
    assert_eq!(days, serde_json::json!(["1", "90", "180", "270", "365"]));
    assert_eq!(browser.value("Expires in").await, "365");
    browser.go("/keys/new/nuget").await;
    assert_eq!(browser.value("Expires in").await, "365");
    browser.go("/keys/new/rubygems").await;
    assert_eq!(browser.value("Expires").await, "", "a key for gems lives for ever if nothing is said");
}

#[tokio::test]
async fn what_names_and_globs_match_is_shown_while_they_are_typed() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    alice.key(&["push_rubygem"]).await.push(GemBuilder::new("hola", "1.0.0").build()).await;
    let key = alice.key_for_globs(&["push_rubygem"], &["chau*"]).await;
    let browser = Browser::signed_in(&app, "alice").await;
    browser.go(&format!("/keys/{}", key.id)).await;
    browser.fill("Glob patterns", "hol*").await;
    browser.wait_for("Matches one package of today, 1 of them yours.").await;
    browser.fill("Glob patterns", "[").await;
    browser.wait_for("The glob `[` cannot be used.").await;
    assert!(browser.shows("0 of 1 packages chosen").await);
    browser.tick("hola").await;
    browser.wait_for("1 of 1 packages chosen").await;
    assert_eq!(browser.driver.complaints().await, Vec::<String>::new());
    browser.go("/keys/new/nuget").await;
    browser.fill("Glob patterns", "*").await;
    browser.press("Preview what matches").await;
    assert!(browser.shows("No package of today matches.").await, "the button does it too");
    assert_eq!(browser.value("Glob patterns").await, "*");
}
