//! A `WebDriver` client: one chromedriver with one Chromium for one test, and the few commands that tests give it.
//!
//! The protocol is JSON over HTTP, and a dozen of its commands are all that is wanted here, some of them Chromium's own. The crates
//! that speak the whole of it need `webdriver`, whose licence (MPL-2.0) is not among those of `deny.toml`.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than any command takes in a browser that works.
const PATIENCE: Duration = Duration::from_secs(40);
/// How long a page may load and a script may run.
const PAGE_PATIENCE: Duration = Duration::from_secs(30);
/// The name under which the protocol wraps the id of an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Without a screen, without the sandbox (which root cannot have), and without calls to anybody.
const SWITCHES: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-proxy-server",
    "--lang=en-US",
    "--hide-scrollbars",
];

/// A browser of its own, with a fresh profile.
pub(crate) struct Driver {
    process: Child,
    port: u16,
    /// Read to its first lines only; kept so that the driver can write to it.
    _output: BufReader<ChildStdout>,
    client: Client,
    session: String,
    /// For the profile.
    folder: TempDir,
}

/// A thing on the page.
pub(crate) struct Element(String);

impl Driver {
    /// Starts a browser.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the profile");
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            // What the browser leaves among temporary files goes with the profile.
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver can be started; `apt-get install chromium chromium-driver` installs it");
        let mut output = BufReader::new(process.stdout.take().expect("standard output is piped"));
        let port = port(&mut output);
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
        let session = String::new();
        let mut driver = Self { process, port, _output: output, client, session, folder };
        driver.session = driver.begin().await;
        driver
    }

    async fn begin(&self) -> String {
        let profile = format!("--user-data-dir={}", self.folder.path().join("profile").display());
        let switches: Vec<&str> = SWITCHES.iter().copied().chain([profile.as_str()]).collect();
        let patience = u64::try_from(PAGE_PATIENCE.as_millis()).expect("a short time");
        let wanted = json!({
            "browserName": "chrome",
            "timeouts": { "pageLoad": patience, "script": patience },
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": { "args": switches },
        });
        let body = json!({ "capabilities": { "alwaysMatch": wanted } });
        let session = self.send(Method::POST, "/session", &body).await;
        session["sessionId"].as_str().expect("a session has an id").to_owned()
    }

    /// Gives a command of this session.
    pub(crate) async fn post(&self, command: &str, body: &Value) -> Value {
        self.send(Method::POST, &format!("/session/{}/{command}", self.session), body).await
    }

    /// Asks for something of this session.
    pub(crate) async fn get(&self, question: &str) -> String {
        let path = format!("/session/{}/{question}", self.session);
        let value = self.send(Method::GET, &path, &Value::Null).await;
        value.as_str().expect("the answer is a text").to_owned()
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Value {
        self.try_send(method, path, body).await.unwrap_or_else(|refusal| panic!("{path}: {refusal}"))
    }

    async fn try_send(&self, method: Method, path: &str, body: &Value) -> Result<Value, String> {
        let mut request = self.client.request(method, format!("http://127.0.0.1:{}{path}", self.port));
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.expect("the driver answers");
        let status = answer.status();
        let text = answer.text().await.expect("the answer is whole");
        let mut answer: Value = serde_json::from_str(&text).expect("the driver speaks JSON");
        if status.is_success() { Ok(answer["value"].take()) } else { Err(text) }
    }

    /// Gives a command of the developer tools, beyond what the standard has.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.post("goog/cdp/execute", &json!({ "cmd": command, "params": parameters })).await
    }

    /// Runs a script in the page; gives what it returns. Its arguments are `arguments[0]` and so on.
    pub(crate) async fn run(&self, script: &str, arguments: &[&str]) -> Value {
        self.post("execute/sync", &json!({ "script": script, "args": arguments })).await
    }

    /// Runs a script that has no arguments, if there is a page now: between two pages there is none.
    pub(crate) async fn glance(&self, script: &str) -> Option<Value> {
        let path = format!("/session/{}/execute/sync", self.session);
        let body = json!({ "script": script, "args": [] });
        self.try_send(Method::POST, &path, &body).await.ok()
    }

    /// Runs a script that ends by calling its last argument.
    pub(crate) async fn run_to_end(&self, script: &str) -> Value {
        self.post("execute/async", &json!({ "script": script, "args": [] })).await
    }

    /// The element that a script returns, or nothing.
    pub(crate) async fn find(&self, script: &str, arguments: &[&str]) -> Option<Element> {
        let found = self.run(script, arguments).await;
        found.get(ELEMENT).and_then(Value::as_str).map(|id| Element(id.to_owned()))
    }

    /// The element that has the focus.
    pub(crate) async fn focused(&self) -> Element {
        self.find("return document.activeElement", &[]).await.expect("a page has an active element")
    }

    /// Clicks as a mouse does: what is covered or out of sight cannot be clicked. Waits for the page that follows.
    pub(crate) async fn click(&self, element: &Element) {
        self.post(&format!("element/{}/click", element.0), &json!({})).await;
    }

    /// Types, also keys such as tab and enter.
    pub(crate) async fn type_into(&self, element: &Element, text: &str) {
        self.post(&format!("element/{}/value", element.0), &json!({ "text": text })).await;
    }

    /// Empties a field.
    pub(crate) async fn clear(&self, element: &Element) {
        self.post(&format!("element/{}/clear", element.0), &json!({})).await;
    }

    /// What the browser had to complain of since it was asked last: broken scripts, refused content, failed requests.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let lines = self.post("se/log", &json!({ "type": "browser" })).await;
        let lines = lines.as_array().expect("the log is a list").iter();
        lines.map(|line| line["message"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// Reads on which port the driver listens: a free one that it has chosen.
fn port(output: &mut BufReader<ChildStdout>) -> u16 {
    let mut line = String::new();
    while output.read_line(&mut line).is_ok_and(|length| length > 0) {
        if let Some((_, port)) = line.trim_end().trim_end_matches('.').split_once("successfully on port ") {
            return port.parse().expect("a port is a number");
        }
        line.clear();
    }
    panic!("chromedriver ended before it listened");
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Ends the browser, too. A driver that does not listen any more is killed.
        let _ = ask_to_end(self.port);
        let _ = self.process.kill();
        let _ = self.process.wait();
        // A browser that is just ending may still write to its profile.
        for _ in 0..40 {
            if std::fs::remove_dir_all(self.folder.path()).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
    }
}

fn ask_to_end(port: u16) -> std::io::Result<usize> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(b"GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
    stream.read_to_string(&mut String::new())
}
