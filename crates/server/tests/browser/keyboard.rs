//! Without a mouse: everything that acts can be reached with the tab key, in order, and the focus is seen.

use testkit::{PASSWORD, TestApp};

use crate::{
    browser::{Browser, key},
    prove::push,
};

/// Presses tab until what has the focus is called so.
async fn tab_to(browser: &Browser<'_>, name: &str) {
    let script = "
const plain = text => text.replace(/\\s+/g, ' ').trim(), it = document.activeElement;
return plain([...(it.labels ?? [])].map(label => label.textContent).join(' ') || it.textContent);";
    for _ in 0..60 {
        browser.type_keys(key::TAB).await;
        let focused = browser.driver.run(script, &[]).await;
        if focused.as_str().is_some_and(|focused| focused.starts_with(name)) {
            return;
        }
    }
    panic!("the tab key does not lead to `{name}` on {}", browser.text().await);
}

#[tokio::test]
async fn signing_in_and_making_a_key_need_no_mouse() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let browser = Browser::open(&app).await;
    browser.go("/sign_in").await;
    tab_to(&browser, "Name or mail address").await;
    browser.type_keys("alice").await;
    tab_to(&browser, "Password").await;
    browser.type_keys(PASSWORD).await;
    browser.type_keys(key::ENTER).await;
    browser.wait_for("New key").await;
    tab_to(&browser, "New key").await;
    browser.type_keys(key::ENTER).await;
    tab_to(&browser, "RubyGems").await;
    browser.type_keys(key::ENTER).await;
    tab_to(&browser, "Name").await;
    browser.type_keys("ci").await;
    tab_to(&browser, "push_rubygem").await;
    browser.type_keys(key::SPACE).await;
    tab_to(&browser, "Make the key").await;
    browser.type_keys(key::ENTER).await;
    browser.wait_for("The key ci was made").await;
    assert_eq!(push(&app, &browser.text_of("#value").await, "hola", "1.0.0").await, 200);
}

#[tokio::test]
async fn what_has_the_focus_is_outlined_on_every_step_through_the_list_of_keys() {
    let app = TestApp::start().await;
    app.person("alice").await.key(&["push_rubygem"]).await;
    let browser = Browser::signed_in(&app, "alice").await;
    let script = "
const it = document.activeElement, style = getComputedStyle(it);
return it === document.body || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)
  ? '' : it.outerHTML;";
    for step in 0..25 {
        browser.type_keys(key::TAB).await;
        let bare = browser.driver.run(script, &[]).await;
        assert_eq!(bare, "", "step {step}");
    }
}
