//! A person at a browser: reads the page, fills in what has a label, presses what has a name.

use std::time::{Duration, Instant};

use serde_json::json;
use testkit::{PASSWORD, TestApp};

use crate::driver::{Driver, Element};

/// How long something may take to appear on a page.
const PATIENCE: Duration = Duration::from_secs(10);

/// The keys that move and press, as the protocol writes them.
pub(crate) mod key {
    pub(crate) const TAB: &str = "\u{e004}";
    pub(crate) const ENTER: &str = "\u{e007}";
    pub(crate) const SPACE: &str = " ";
    pub(crate) const PASTE: &str = "\u{e009}v";
}

/// A control with this label: the whole of it, or its beginning.
const BY_LABEL: &str = "
const plain = text => text.replace(/\\s+/g, ' ').trim();
const controls = [...document.querySelectorAll('input:not([type=hidden]), select, textarea')];
const labelled = fits => controls.find(control => [...control.labels].some(label => fits(plain(label.textContent))));
return labelled(text => text === arguments[0]) ?? labelled(text => text.startsWith(arguments[0])) ?? null;";

/// A link or a button with this text, the hidden part included: in the page rather than in the bar above it.
const BY_NAME: &str = "
const plain = text => text.replace(/\\s+/g, ' ').trim();
const all = [...document.querySelectorAll('main :is(a, button, summary)'), ...document.querySelectorAll('a, button')];
return all.find(it => plain(it.textContent) === arguments[0]) ?? null;";

/// An option of the list that has the focus of a choice.
const OPTION: &str = "
const plain = text => text.replace(/\\s+/g, ' ').trim();
return [...document.querySelectorAll('option')].find(it => plain(it.textContent) === arguments[0]) ?? null;";

/// A browser that looks at the pages of a server.
pub(crate) struct Browser<'app> {
    app: &'app TestApp,
    pub(crate) driver: Driver,
}

impl<'app> Browser<'app> {
    /// A browser in which nobody is signed in.
    pub(crate) async fn open(app: &'app TestApp) -> Self {
        Self { app, driver: Driver::start().await }
    }

    /// A browser in which this person has just signed in.
    pub(crate) async fn signed_in(app: &'app TestApp, name: &str) -> Self {
        let browser = Self::open(app).await;
        browser.sign_in(name).await;
        browser
    }

    /// Signs in through the page.
    pub(crate) async fn sign_in(&self, name: &str) {
        self.go("/sign_in").await;
        self.fill("Name or mail address", name).await;
        self.fill("Password", PASSWORD).await;
        self.press("Sign in").await;
        assert_eq!(self.path().await, "/keys", "{}", self.text().await);
    }

    /// Opens an address of the server.
    pub(crate) async fn go(&self, path: &str) {
        self.driver.post("url", &json!({ "url": format!("{}{path}", self.app.base()) })).await;
    }

    /// Presses the browser's own button.
    pub(crate) async fn reload(&self) {
        self.driver.post("refresh", &json!({})).await;
    }

    /// Presses the browser's own button.
    pub(crate) async fn back(&self) {
        self.driver.post("back", &json!({})).await;
    }

    /// Presses the browser's own button.
    pub(crate) async fn forward(&self) {
        self.driver.post("forward", &json!({})).await;
    }

    /// Where the browser is, below the address of the server.
    pub(crate) async fn path(&self) -> String {
        let url = self.driver.get("url").await;
        url.strip_prefix(&self.app.base())
            .unwrap_or_else(|| panic!("{url} is on {}", self.app.base()))
            .to_owned()
    }

    /// The source of the page, as it is now.
    pub(crate) async fn source(&self) -> String {
        self.driver.get("source").await
    }

    /// What a person reads on the page.
    pub(crate) async fn text(&self) -> String {
        self.text_of("body").await
    }

    /// What a person reads in a part of the page.
    pub(crate) async fn text_of(&self, selector: &str) -> String {
        let script = "return document.querySelector(arguments[0])?.innerText ?? ''";
        let text = self.driver.run(script, &[selector]).await;
        text.as_str().expect("what a person reads is text").to_owned()
    }

    /// Whether a person reads this on the page.
    pub(crate) async fn shows(&self, text: &str) -> bool {
        self.text().await.contains(text)
    }

    /// Waits until a person reads this on the page.
    pub(crate) async fn wait_for(&self, text: &str) {
        let text = serde_json::to_string(text).expect("a text is JSON");
        self.wait_until(&format!("return document.body.innerText.includes({text})")).await;
    }

    /// Waits until a script says yes: on this page, or on the one that is coming.
    async fn wait_until(&self, script: &str) {
        let began = Instant::now();
        while self.driver.glance(script).await.is_none_or(|answer| answer != true) {
            assert!(began.elapsed() < PATIENCE, "not `{script}` on {}", self.text().await);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn control(&self, label: &str) -> Element {
        let found = self.driver.find(BY_LABEL, &[label]).await;
        match found {
            Some(control) => control,
            None => panic!("nothing is labelled `{label}` on {}", self.text().await),
        }
    }

    /// Types into an empty or filled field.
    pub(crate) async fn fill(&self, label: &str, text: &str) {
        let field = self.control(label).await;
        self.driver.clear(&field).await;
        self.driver.type_into(&field, text).await;
    }

    /// Sets a field that has parts, such as a date.
    pub(crate) async fn set(&self, label: &str, value: &str) {
        self.control(label).await;
        let script = BY_LABEL.replace("return labelled", "const field = labelled")
            + "field.value = arguments[1]; return field.value;";
        assert_eq!(self.driver.run(&script, &[label, value]).await, value);
    }

    /// Clicks on a box, and on the words beside it.
    pub(crate) async fn tick(&self, label: &str) {
        let control = self.control(label).await;
        self.driver.click(&control).await;
    }

    /// Whether a box is ticked.
    pub(crate) async fn is_ticked(&self, label: &str) -> bool {
        self.property(label, "checked").await == true
    }

    /// What a field holds.
    pub(crate) async fn value(&self, label: &str) -> String {
        let value = self.property(label, "value").await;
        value.as_str().expect("a value is text").to_owned()
    }

    async fn property(&self, label: &str, property: &str) -> serde_json::Value {
        self.control(label).await;
        let script =
            BY_LABEL.replace("return labelled", "const field = labelled") + "return field[arguments[1]];";
        self.driver.run(&script, &[label, property]).await
    }

    /// Chooses from a list.
    pub(crate) async fn choose(&self, label: &str, option: &str) {
        let list = self.control(label).await;
        self.driver.click(&list).await;
        let option = self.driver.find(OPTION, &[option]).await.expect("the option is offered");
        self.driver.click(&option).await;
    }

    /// Presses a link or a button, and waits for the page that follows, if it leads to one.
    pub(crate) async fn press(&self, name: &str) {
        let Some(it) = self.driver.find(BY_NAME, &[name]).await else {
            panic!("nothing is called `{name}` on {}", self.text().await)
        };
        let leads = BY_NAME.replace("return all", "const it = all")
            + "window.left = true; return it.matches('a, button:not([type=button])');";
        let leads = self.driver.run(&leads, &[name]).await;
        self.driver.click(&it).await;
        if leads == true {
            self.wait_until("return !window.left && document.readyState === 'complete'").await;
        }
    }

    /// Whether there is a link or a button with this text.
    pub(crate) async fn offers(&self, name: &str) -> bool {
        self.driver.find(BY_NAME, &[name]).await.is_some()
    }

    /// Types where the focus is.
    pub(crate) async fn type_keys(&self, keys: &str) {
        let focused = self.driver.focused().await;
        self.driver.type_into(&focused, keys).await;
    }

    /// What the clipboard holds: what comes when it is pasted into a field of another page. Leaves the page.
    pub(crate) async fn pasted(&self) -> String {
        self.go("/gems").await;
        let field = self.control("Part of a name").await;
        self.driver.type_into(&field, key::PASTE).await;
        self.value("Part of a name").await
    }
}
