//! axe-core: rules of accessibility, applied to the page as it is drawn.

use std::path::PathBuf;

use serde_json::Value;

use crate::driver::Driver;

/// The script of axe-core.
pub(crate) struct Axe(String);

const RUN: &str = "
const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ['violations'] }).then(
  result => done(result.violations.map(it => `${it.id} (${it.help}): ` +
    it.nodes.map(node => `${node.target} ${node.failureSummary}`).join('; '))),
  error => done([`axe-core did not run: ${error}`]));";

impl Axe {
    /// Reads the script from the file that `AXE_CORE` names.
    pub(crate) fn load() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the test command says here where axe-core is")]
        let file: PathBuf = std::env::var("AXE_CORE")
            .expect("AXE_CORE names the file axe.min.js; `cargo xtask test` installs it and sets it")
            .into();
        let script = std::fs::read_to_string(&file);
        Self(script.unwrap_or_else(|error| panic!("{} is axe-core: {error}", file.display())))
    }

    /// Puts the script into the page that is open.
    pub(crate) async fn enter(&self, driver: &Driver) {
        driver.run(&self.0, &[]).await;
    }

    /// What is wrong with the page, rule by rule.
    pub(crate) async fn violations(driver: &Driver) -> Vec<String> {
        let found = driver.run_to_end(RUN).await;
        let texts = found.as_array().expect("violations are a list").iter().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    }
}
