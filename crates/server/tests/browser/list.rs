//! The list of keys: what it tells of each, and what it warns of.

use testkit::{Person, TestApp};

use crate::{browser::Browser, scene::Scene};

/// What the card of a key says.
async fn card(browser: &Browser<'_>, name: &str) -> String {
    let script = "
const card = [...document.querySelectorAll('.keys tbody tr')]
  .find(card => card.querySelector('.name').textContent.trim() === arguments[0]);
return card?.innerText ?? '';";
    let text = browser.driver.run(script, &[name]).await;
    text.as_str().expect("the card has text").to_owned()
}

async fn assert_card(browser: &Browser<'_>, name: &str, expected: &[&str]) {
    let card = card(browser, name).await;
    for part in expected {
        assert!(card.contains(part), "`{part}` is on the card of {name}: {card}");
    }
}

#[tokio::test]
async fn each_key_tells_its_scopes_packages_times_and_state() {
    let scene = Scene::in_use().await;
    let browser = Browser::signed_in(&scene.app, "alice").await;
    let nightly = ["NuGet", "package:push", "package:unlist", "Contoso.Tools", "Fabrikam.Service.*"];
    assert_card(&browser, "Nightly build", &nightly).await;
    let left = ["expires in 7 days", "2026-08-31 12:00 UTC", "23 days ago", "2026-08-01 12:00 UTC", "never"];
    assert_card(&browser, "Nightly build", &left).await;
    assert_card(&browser, "Modules", &["PowerShell", "package:pushnew", "*", "expired"]).await;
    assert_card(&browser, "hola releases", &["RubyGems", "hola", "active", "push_rubygem", "yank_rubygem"])
        .await;
    assert_card(&browser, "august sprint", &["RubyGems", "expired", "2026-08-10 12:00 UTC"]).await;
    assert_card(&browser, "laptop", &["all", "configure_trusted_publishers"]).await;
}

#[tokio::test]
async fn lost_ownership_and_legacy_keys_are_marked_with_what_to_do() {
    let scene = Scene::in_use().await;
    let browser = Browser::signed_in(&scene.app, "alice").await;
    assert_card(&browser, "goodbye releases", &["chau (no longer owned)", "invalid"]).await;
    assert!(!browser.offers("Edit goodbye releases").await, "nothing but deleting is left");
    assert!(browser.offers("Delete goodbye releases").await);
    let advice = ["legacy", "Make keys with scopes instead"];
    assert_card(&browser, "an-old-token-from-before-there-were-scopes", &advice).await;
}

#[tokio::test]
async fn keys_that_have_expired_or_soon_will_are_named_at_the_top() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let browser = Browser::signed_in(&app, "alice").await;
    for (ecosystem, name, days) in [
        ("nuget", "nightly", "30 days"),
        ("powershell", "modules", "90 days"),
        ("nuget", "yearly", "365 days"),
    ] {
        browser.go(&format!("/keys/new/{ecosystem}")).await;
        browser.fill("Name", name).await;
        browser.tick("package:push ").await;
        browser.fill("Glob patterns", "*").await;
        browser.choose("Expires in", days).await;
        browser.press("Make the key").await;
    }
    browser.go("/keys").await;
    assert_eq!(browser.text_of("main > .warning").await, "");
    app.clock.advance_days(83);
    browser.sign_in("alice").await;
    let warning = browser.text_of("main > .warning").await;
    assert!(
        warning.contains("nightly") && warning.contains("modules") && !warning.contains("yearly"),
        "{warning}"
    );
    assert_card(&browser, "nightly", &["expired"]).await;
    assert_card(&browser, "modules", &["expires in 7 days"]).await;
    browser.press("Regenerate nightly").await;
    browser.press("Regenerate").await;
    browser.go("/keys").await;
    assert_card(&browser, "nightly", &["active"]).await;
    assert!(!browser.text_of("main > .warning").await.contains("nightly"), "an expired key is brought back");
}

async fn key_for_gems(person: &Person<'_>) {
    person.key(&["push_rubygem"]).await;
}

#[tokio::test]
async fn the_list_can_be_filtered_by_ecosystem() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    key_for_gems(&alice).await;
    let browser = Browser::signed_in(&app, "alice").await;
    for ecosystem in ["nuget", "powershell"] {
        browser.go(&format!("/keys/new/{ecosystem}")).await;
        browser.fill("Name", &format!("for {ecosystem}")).await;
        browser.tick("package:push ").await;
        browser.fill("Glob patterns", "*").await;
        browser.press("Make the key").await;
    }
    browser.go("/keys").await;
    let names = [("RubyGems", "test"), ("NuGet", "for nuget"), ("PowerShell", "for powershell")];
    for (filter, shown) in names {
        browser.press(filter).await;
        for (_, name) in names {
            assert_eq!(!card(&browser, name).await.is_empty(), name == shown, "{name} under {filter}");
        }
    }
    browser.press("All").await;
    for (_, name) in names {
        assert!(!card(&browser, name).await.is_empty(), "{name}");
    }
}
