//! The value that is only copied: `NuGet` and `PowerShell`. It is never drawn, never in the page, and gone when the page is left.

use domain::{Action, Ecosystem};
use testkit::TestApp;

use crate::{browser::Browser, prove::may};

const BOTH: [Ecosystem; 2] = [Ecosystem::NuGet, Ecosystem::PowerShell];

/// What all values begin with.
const MARK: &str = "keyward_";

/// Makes a key for these globs; the browser is on the page with the Copy button then.
async fn make(browser: &Browser<'_>, ecosystem: Ecosystem, name: &str, globs: &str) {
    browser.go(&format!("/keys/new/{}", ecosystem.as_str())).await;
    browser.fill("Name", name).await;
    browser.tick("package:push ").await;
    browser.fill("Glob patterns", globs).await;
    browser.press("Make the key").await;
    assert!(browser.shows(&format!("The key {name} was made")).await, "{}", browser.text().await);
}

/// Presses Copy; the value is what a paste into another page gives. Leaves the page.
async fn copy(browser: &Browser<'_>) -> String {
    browser.press("Copy").await;
    browser.wait_for("Copied.").await;
    browser.pasted().await
}

/// Whether the key may publish the package.
async fn publishes(app: &TestApp, ecosystem: Ecosystem, value: &str, package: &str) -> bool {
    may(app, ecosystem, value, Action::PublishNew, package).await
}

#[tokio::test]
async fn the_copied_value_is_a_live_key_and_never_stands_in_the_page() {
    let app = TestApp::start().await;
    app.person("alice").await;
    for ecosystem in BOTH {
        let browser = Browser::signed_in(&app, "alice").await;
        make(&browser, ecosystem, "ci", "Fabrikam.*").await;
        assert!(!browser.source().await.contains(MARK), "before the button is pressed");
        browser.press("Copy").await;
        browser.wait_for("Copied.").await;
        let (source, fields) = (browser.source().await, what_fields_hold(&browser).await);
        assert!(!source.contains(MARK) && !fields.contains(MARK), "after it was pressed");
        let value = browser.pasted().await;
        assert!(value.starts_with(MARK), "{value}");
        assert!(publishes(&app, ecosystem, &value, "Fabrikam.Service").await);
        assert!(!publishes(&app, ecosystem, &value, "Contoso").await);
    }
}

/// What stands in fields is no part of the source.
async fn what_fields_hold(browser: &Browser<'_>) -> String {
    let script = "return [...document.querySelectorAll('input, textarea')].map(it => it.value).join()";
    browser.driver.run(script, &[]).await.to_string()
}

#[tokio::test]
async fn the_button_copies_again_until_the_page_is_left() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let browser = Browser::signed_in(&app, "alice").await;
    make(&browser, Ecosystem::NuGet, "ci", "*").await;
    browser.press("Copy").await;
    browser.wait_for("Copied.").await;
    browser.press("Copy").await;
    let again = copy(&browser).await;
    assert!(publishes(&app, Ecosystem::NuGet, &again, "Fabrikam").await, "pressing again gives the same key");
}

#[tokio::test]
async fn after_a_reload_there_is_no_button_and_no_second_key() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    for ecosystem in BOTH {
        let browser = Browser::signed_in(&app, "alice").await;
        make(&browser, ecosystem, "ci", "*").await;
        let before = app.registry().keys(alice.id).await.unwrap().len();
        browser.reload().await;
        assert!(!browser.offers("Copy").await && !browser.source().await.contains("data-claim"));
        assert_eq!(
            app.registry().keys(alice.id).await.unwrap().len(),
            before,
            "a reload sends nothing again"
        );
    }
}

#[tokio::test]
async fn back_and_forward_lead_to_no_value() {
    let app = TestApp::start().await;
    app.person("alice").await;
    for ecosystem in BOTH {
        let browser = Browser::signed_in(&app, "alice").await;
        make(&browser, ecosystem, "ci", "*").await;
        let value = copy(&browser).await;
        browser.back().await;
        assert!(!browser.source().await.contains(&value) && !browser.offers("Copy").await);
        browser.back().await;
        assert!(!browser.source().await.contains(&value) && !browser.offers("Copy").await);
        browser.forward().await;
        assert!(!browser.source().await.contains(&value) && !browser.offers("Copy").await);
    }
}

#[tokio::test]
async fn scopes_are_locked_and_a_changed_glob_holds_in_the_next_request() {
    let app = TestApp::start().await;
    app.person("alice").await;
    for ecosystem in BOTH {
        let browser = Browser::signed_in(&app, "alice").await;
        let name = format!("{} ci", ecosystem.as_str());
        make(&browser, ecosystem, &name, "Fabrikam.*").await;
        let value = copy(&browser).await;
        assert!(publishes(&app, ecosystem, &value, "Fabrikam.Service").await);
        browser.go("/keys").await;
        browser.press(&format!("Edit {name}")).await;
        assert!(browser.shows("cannot be changed: whoever holds it must not gain rights unnoticed").await);
        let boxes = "return document.querySelectorAll('main input[type=checkbox]').length";
        assert_eq!(browser.driver.run(boxes, &[]).await, 0, "there is no scope to tick");
        assert_eq!(browser.value("Glob patterns").await, "Fabrikam.*");
        browser.fill("Glob patterns", "Contoso.*").await;
        browser.press("Save").await;
        assert!(!publishes(&app, ecosystem, &value, "Fabrikam.Service").await);
        assert!(publishes(&app, ecosystem, &value, "Contoso.Service").await);
        assert!(browser.shows("Contoso.*").await);
    }
}

#[tokio::test]
async fn a_regenerated_key_has_a_new_value_and_the_old_one_is_dead_in_the_next_request() {
    let app = TestApp::start().await;
    app.person("alice").await;
    for ecosystem in BOTH {
        let browser = Browser::signed_in(&app, "alice").await;
        let name = format!("{} ci", ecosystem.as_str());
        make(&browser, ecosystem, &name, "Fabrikam.*").await;
        let old = copy(&browser).await;
        assert!(publishes(&app, ecosystem, &old, "Fabrikam.Service").await);
        browser.go("/keys").await;
        browser.press(&format!("Regenerate {name}")).await;
        assert!(publishes(&app, ecosystem, &old, "Fabrikam.Service").await, "asking changes nothing");
        browser.press("Regenerate").await;
        assert!(!publishes(&app, ecosystem, &old, "Fabrikam.Service").await);
        assert!(!browser.source().await.contains(MARK));
        let new = copy(&browser).await;
        assert!(new != old && publishes(&app, ecosystem, &new, "Fabrikam.Service").await);
    }
}

#[tokio::test]
async fn a_deleted_key_is_dead_in_the_next_request() {
    let app = TestApp::start().await;
    app.person("alice").await;
    for ecosystem in BOTH {
        let browser = Browser::signed_in(&app, "alice").await;
        let name = format!("{} ci", ecosystem.as_str());
        make(&browser, ecosystem, &name, "*").await;
        let value = copy(&browser).await;
        browser.go("/keys").await;
        browser.press(&format!("Delete {name}")).await;
        assert!(browser.shows("stops working at once").await);
        assert!(publishes(&app, ecosystem, &value, "Fabrikam").await, "asking changes nothing");
        browser.press("Delete the key").await;
        assert!(!publishes(&app, ecosystem, &value, "Fabrikam").await);
        assert!(!browser.shows(&name).await);
    }
}

#[tokio::test]
async fn an_expired_key_does_nothing_is_warned_of_and_comes_back_when_it_is_regenerated() {
    let app = TestApp::start().await;
    app.person("alice").await;
    for ecosystem in BOTH {
        let browser = Browser::signed_in(&app, "alice").await;
        let name = format!("{} ci", ecosystem.as_str());
        make(&browser, ecosystem, &name, "*").await;
        let value = copy(&browser).await;
        app.clock.advance_days(365);
        assert!(!publishes(&app, ecosystem, &value, "Fabrikam").await);
        browser.sign_in("alice").await;
        assert!(browser.text_of("main > .warning").await.contains(&name));
        browser.press(&format!("Regenerate {name}")).await;
        browser.press("Regenerate").await;
        let new = copy(&browser).await;
        assert!(publishes(&app, ecosystem, &new, "Fabrikam").await);
        assert!(!publishes(&app, ecosystem, &value, "Fabrikam").await, "the old value stays dead");
        browser.go("/keys").await;
        assert!(!browser.text_of("main > .warning").await.contains(&name));
    }
}
