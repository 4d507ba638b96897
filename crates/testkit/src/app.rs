use std::{
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{AccountId, Clock, Ecosystem, Expiry, KeyId};
use registry::{Author, KeySelection, NewKey, NewUser, Registry};
use reqwest::{Client, Method, RequestBuilder, StatusCode, header::HeaderMap, redirect::Policy};
use server::{Flags, Running, Settings};
use tempfile::TempDir;

use crate::{KeyHolder, Person, TestClock, TestDatabase};

/// The password of every person in tests.
pub const PASSWORD: &str = "correct horse battery staple";

/// Who sets things up beside the people of a test.
pub const OPERATOR: Author<'static> = Author::Operator("tests");

/// How long work of the outbox may take that somebody else has taken.
const PATIENCE: Duration = Duration::from_secs(30);

/// The real server on a free port, with a database, folders and a clock of its own.
#[derive(Debug)]
pub struct TestApp {
    /// The clock of the server.
    pub clock: Arc<TestClock>,
    /// How the server was set up.
    pub settings: Settings,
    running: Option<Running>,
    client: Client,
    // The order matters: the folder outlives the server, the database goes last.
    folder: TempDir,
    database: TestDatabase,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Status and text in one, for comparing.
    pub fn told(&self) -> (u16, String) {
        (self.status.as_u16(), self.text())
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

impl TestApp {
    /// Starts a server with the default settings.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts a server with settings that the test changes.
    pub async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = TestDatabase::create().await;
        let mut settings = settings(folder.path(), &database);
        change(&mut settings);
        let clock = Arc::new(TestClock::default());
        let running = start(&settings, &clock).await;
        Self { clock, settings, running: Some(running), client: client(), folder, database }
    }

    /// Another server process (another node) on the same database, blobs and clock.
    pub async fn second_node(&self) -> Running {
        start(&self.settings, &self.clock).await
    }

    /// Stops the server and starts it again on the same data.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.running = Some(start(&self.settings, &self.clock).await);
    }

    /// Stops the server gracefully.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await.expect("the server stops");
        }
    }

    /// The running server.
    pub fn running(&self) -> &Running {
        self.running.as_ref().expect("the server runs")
    }

    /// The use cases behind the server.
    pub fn registry(&self) -> &Registry {
        self.running().registry()
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// Whether the records are in PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.database.is_postgres()
    }

    /// The address of the server.
    pub fn base(&self) -> String {
        format!("http://{}", self.running().address())
    }

    /// A request to a path below the base address.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base()))
    }

    /// The same request to another node.
    pub fn request_at(&self, node: SocketAddr, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{node}{path}"))
    }

    /// `HEAD` of a path by nobody.
    pub async fn head(&self, path: &str) -> Answer {
        send(self.request(Method::HEAD, path)).await
    }

    /// `GET` of a path by nobody.
    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    /// Makes a confirmed account; its mail address is `NAME@example.com`.
    pub async fn person(&self, name: &str) -> Person<'_> {
        let email = format!("{name}@example.com");
        let user = NewUser { handle: name, email: &email, password: PASSWORD, is_admin: false };
        let id = self.registry().add_user(OPERATOR, &user).await.expect("the account can be made");
        Person { app: self, id, name: name.to_owned() }
    }

    /// Somebody whose account was made before a restart.
    pub async fn known_person(&self, name: &str) -> Person<'_> {
        let account = self.registry().find_account(name).await.expect("the account exists");
        Person { app: self, id: account.id, name: name.to_owned() }
    }

    /// Does all outstanding work of the outbox, and writes what was counted.
    pub async fn settle(&self) {
        self.registry().announce_expiry().await.expect("keys that end can be announced");
        self.empty_outbox().await;
        self.registry().record_usage().await.expect("uses can be recorded");
    }

    /// Runs the outbox until nothing is left: a background task, or another node, may have taken work that it has not done yet.
    async fn empty_outbox(&self) {
        let began = Instant::now();
        loop {
            self.running().jobs().run_due().await.expect("the outbox can be run");
            let waiting = self.registry().jobs_waiting().await.expect("the outbox can be read");
            if waiting == 0 {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{waiting} pieces of work are left in the outbox");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The mails to one address so far, oldest first, each as its raw text.
    pub async fn mails_to(&self, address: &str) -> Vec<String> {
        self.settle().await;
        let folder = self.settings.data.join("mail");
        let mut mails: Vec<_> = std::fs::read_dir(folder)
            .expect("the mail folder exists")
            .map(|entry| entry.expect("the mail folder can be read").path())
            .map(|path| {
                (
                    std::fs::metadata(&path).and_then(|m| m.modified()).ok(),
                    std::fs::read_to_string(&path).expect("a mail"),
                )
            })
            .filter(|(_, text)| text.contains(&format!("To: {address}")))
            .collect();
        mails.sort();
        mails.into_iter().map(|(_, text)| text).collect()
    }

    /// Whoever presents this value of a key.
    pub fn holder(&self, id: KeyId, value: &str) -> KeyHolder<'_> {
        KeyHolder { app: self, id, value: value.to_owned() }
    }

    /// The subjects of the mails to one address so far, in the order of the alphabet.
    pub async fn mail_subjects(&self, address: &str) -> Vec<String> {
        let subject = |mail: &String| {
            let line = mail.lines().find_map(|line| line.strip_prefix("Subject: "));
            line.expect("a mail has a subject").to_owned()
        };
        let mut subjects: Vec<_> = self.mails_to(address).await.iter().map(subject).collect();
        subjects.sort();
        subjects
    }

    /// The path of the newest link below `path` that was mailed to an address.
    pub async fn mailed_link(&self, address: &str, path: &str) -> String {
        let mails = self.mails_to(address).await;
        // Mail programs join lines that end in `=`.
        let newest =
            mails.iter().rev().map(|mail| mail.replace("=\r\n", "")).find(|mail| mail.contains(path));
        let mail = newest.expect("a mail with such a link was sent");
        let link = &mail[mail.find(path).expect("the mail was chosen for it")..];
        let end =
            link.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '/').unwrap_or(link.len());
        link[..end].to_owned()
    }

    pub(crate) async fn issue(&self, owner: AccountId, wanted: NewKey) -> KeyHolder<'_> {
        let ecosystem = Ecosystem::RubyGems;
        let issued =
            self.registry().issue_key(OPERATOR, owner, ecosystem, wanted).await.expect("the key can be made");
        self.holder(issued.key.id, issued.value.expose())
    }
}

/// Sends a request and reads the whole answer.
pub async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("the server answers");
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = response.bytes().await.expect("the answer is whole").to_vec();
    Answer { status, headers, bytes }
}

/// What a key of tests begins with: never expires, all packages.
pub(crate) fn new_key(scopes: &[&str], selection: KeySelection) -> NewKey {
    NewKey {
        name: "test".to_owned(),
        words: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        selection,
        expiry: Expiry::Never,
        otp_required: false,
    }
}

async fn start(settings: &Settings, clock: &Arc<TestClock>) -> Running {
    server::start(settings, Arc::clone(clock) as Arc<dyn Clock>).await.expect("the server starts")
}

fn settings(data: &Path, database: &TestDatabase) -> Settings {
    let mut settings = Settings::load(&Flags::default(), |_| None).expect("the defaults are settings");
    settings.listen = ([127, 0, 0, 1], 0).into();
    data.clone_into(&mut settings.data);
    settings.database = database.address(data);
    settings.blobs = server::config::Blobs::Folder(data.join("blobs"));
    settings
}

fn client() -> Client {
    // The transport wants a choice of cryptography even for plain HTTP; a second choice changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().redirect(Policy::none()).no_proxy().build().expect("a client")
}
