//! The pages as people meet them: in Chromium, driven through `chromedriver`, each test with a browser and a server of its own.
//!
//! Stories of keys go through the controls that a person uses: labels, names of buttons, the keyboard, the clipboard. The walk
//! opens every page of the route table, in both themes and at both widths, and lets axe-core judge it.

mod axe;
mod browser;
mod copied_value;
mod create;
mod driver;
mod gem_keys;
mod keyboard;
mod list;
mod look;
mod prove;
mod scene;
mod stops;
mod walk;
