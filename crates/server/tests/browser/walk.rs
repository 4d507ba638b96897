//! Every page, at both widths and in both themes: no violation of axe-core's rules, nothing to scroll sideways, nothing that the
//! browser complains of. With `SCREENSHOTS` naming a folder, each look at each page is kept there as a picture.

use std::path::PathBuf;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::Method;
use serde_json::json;

use crate::{
    axe::Axe,
    browser::Browser,
    look::{self, Look},
    scene::Scene,
    stops::{self, Stop, Who},
};

/// What answers GET and is no page.
const NO_PAGES: &[&str] = &["/style.css", "/copy.js", "/preview.js", "/icon.svg", "/healthz", "/readyz"];

#[test]
fn every_page_is_on_the_walk() {
    let routes = web::routes();
    let pages = routes.entries().iter().filter(|route| route.method == Method::GET);
    for page in pages.filter(|page| !NO_PAGES.contains(&page.path.as_str())) {
        assert!(stops::ALL.iter().any(|stop| stop.route == page.path), "{} is in stops.rs", page.path);
    }
    for stop in stops::ALL {
        let known = routes.entries().iter().any(|route| route.path == stop.route);
        assert!(known, "{} is in the table of routes", stop.route);
    }
}

#[tokio::test]
async fn a_page_that_is_wrong_is_found_out() {
    let scene = Scene::empty().await;
    let browser = Browser::open(&scene.app).await;
    browser.go("/").await;
    Axe::load().enter(&browser.driver).await;
    let spoil = "
document.querySelector('h1').outerHTML = '<p>No heading <img></p>';
document.querySelector('main').style.minWidth = '500px';
document.querySelector('p').style.color = '#333';
document.body.append(Object.assign(document.createElement('script'), { textContent: 'alert(1)' }));";
    browser.driver.run(spoil, &[]).await;
    look::ALL[1].take(&browser.driver).await;
    let found = [
        about_the_page(&browser).await,
        about_the_look(&browser, look::ALL[1]).await,
        browser.driver.complaints().await,
    ];
    let found = found.concat().join("\n");
    for expected in
        ["0 headings", "500 pixels wide", "image-alt", "color-contrast", "Content Security Policy"]
    {
        assert!(found.contains(expected), "{expected} is in {found}");
    }
}

#[tokio::test]
async fn the_pages_of_an_empty_server_are_good_in_every_look() {
    let scene = Scene::empty().await;
    walk(&scene, &Browser::open(&scene.app).await, |stop| stop.who == Who::Operator).await;
}

#[tokio::test]
async fn the_pages_for_everybody_are_good_in_every_look() {
    let scene = Scene::in_use().await;
    walk(&scene, &Browser::open(&scene.app).await, |stop| stop.who == Who::Stranger).await;
}

#[tokio::test]
async fn the_pages_of_keys_are_good_in_every_look() {
    let scene = Scene::in_use().await;
    let browser = Browser::signed_in(&scene.app, "alice").await;
    walk(&scene, &browser, |stop| stop.who == Who::Member && stop.route.starts_with("/keys")).await;
}

#[tokio::test]
async fn the_other_pages_for_members_are_good_in_every_look() {
    let scene = Scene::in_use().await;
    let browser = Browser::signed_in(&scene.app, "alice").await;
    walk(&scene, &browser, |stop| stop.who == Who::Member && !stop.route.starts_with("/keys")).await;
}

async fn walk(scene: &Scene, browser: &Browser<'_>, chosen: impl Fn(&Stop) -> bool) {
    let (axe, folder) = (Axe::load(), pictures());
    let mut problems = Vec::new();
    for stop in stops::ALL.iter().filter(|stop| chosen(stop)) {
        browser.driver.complaints().await;
        browser.go(&(stop.path)(scene)).await;
        for step in stop.steps {
            step.take(browser).await;
        }
        axe.enter(&browser.driver).await;
        let mut found = about_the_page(browser).await;
        for look in look::ALL {
            look.take(&browser.driver).await;
            found.extend(about_the_look(browser, look).await);
            if let Some(folder) = &folder {
                keep_picture(browser, &folder.join(format!("{}-{}.png", stop.name, look.name()))).await;
            }
        }
        found.extend(complaints(browser, stop).await);
        problems.extend(found.into_iter().map(|problem| format!("{}: {problem}", stop.name)));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// What is wrong with a page however it is looked at.
async fn about_the_page(browser: &Browser<'_>) -> Vec<String> {
    let script = "
const problems = [], headings = document.querySelectorAll('h1');
if (headings.length !== 1) problems.push(`${headings.length} headings of the first level`);
if (!document.title.endsWith('Keyward')) problems.push(`the title is ${document.title}`);
if (!document.documentElement.lang) problems.push('no language');
return problems;";
    texts(&browser.driver.run(script, &[]).await)
}

async fn about_the_look(browser: &Browser<'_>, look: Look) -> Vec<String> {
    let script = "
const [room, needed] = [document.documentElement.clientWidth, document.documentElement.scrollWidth];
return needed > room ? [`${needed} pixels wide, ${room} are there`] : [];";
    let mut problems = texts(&browser.driver.run(script, &[]).await);
    problems.extend(Axe::violations(&browser.driver).await);
    problems.into_iter().map(|problem| format!("{}: {problem}", look.name())).collect()
}

/// What the browser complains of. That the page itself is a refusal is no reason where one is expected.
async fn complaints(browser: &Browser<'_>, stop: &Stop) -> Vec<String> {
    let here = browser.driver.get("url").await;
    let expected = |line: &String| {
        stop.refused
            && line.starts_with(&format!("{here} - Failed to load resource: the server responded with"))
    };
    browser.driver.complaints().await.into_iter().filter(|line| !expected(line)).collect()
}

fn texts(list: &serde_json::Value) -> Vec<String> {
    let items = list.as_array().expect("a list of texts").iter();
    items.map(|item| item.as_str().expect("a text").to_owned()).collect()
}

/// Where pictures are kept, if they are.
fn pictures() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "the command that makes pictures says here where they go")]
    let folder = PathBuf::from(std::env::var("SCREENSHOTS").ok()?);
    std::fs::create_dir_all(&folder).expect("the folder for pictures can be made");
    Some(folder)
}

/// Keeps a picture of the whole page, also of what is below the window.
async fn keep_picture(browser: &Browser<'_>, file: &std::path::Path) {
    let picture = json!({ "format": "png", "captureBeyondViewport": true });
    let answer = browser.driver.devtools("Page.captureScreenshot", picture).await;
    let data = STANDARD.decode(answer["data"].as_str().expect("a picture")).expect("a picture in base64");
    std::fs::write(file, data).expect("the picture can be written");
}
