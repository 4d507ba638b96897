//! A mail server on loopback that keeps what it is given (RFC 5321).

mod conversation;

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use mail::{Login, Security, Smtp};
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpSocket},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

use conversation::Conversation;

/// How long a mail may take that was put into the outbox.
const PATIENCE: Duration = Duration::from_secs(30);

/// A real mail server. What it is asked to refuse it refuses; everything else arrives.
#[derive(Debug)]
pub struct SmtpServer {
    address: SocketAddr,
    /// Bound, so that nobody else takes the port, but nobody listens yet.
    waiting: Option<TcpSocket>,
    listening: Option<JoinHandle<()>>,
    security: Security,
    login: Option<Login>,
    certificate: Certificate,
    shared: Arc<Shared>,
}

/// A mail that arrived.
#[derive(Debug, Clone)]
pub struct ArrivedMail {
    /// Who sent it, by the envelope.
    pub from: String,
    /// Who gets it, by the envelope.
    pub to: String,
    /// Headers and body, as they came.
    pub text: String,
    /// Whether it came over TLS.
    pub encrypted: bool,
    /// Who had signed in.
    pub user: Option<String>,
}

impl ArrivedMail {
    /// The subject.
    pub fn subject(&self) -> &str {
        self.text.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default()
    }
}

/// What all conversations know.
#[derive(Debug, Default)]
struct Shared {
    mails: Mutex<Vec<ArrivedMail>>,
    refusals: Mutex<Vec<Refusal>>,
    seen: Mutex<Seen>,
}

/// What the server answers when it is asked to take a mail for somebody.
#[derive(Debug)]
struct Refusal {
    recipient: String,
    answer: &'static str,
    /// How often it still does.
    left: usize,
}

/// What clients did, besides sending mails.
#[derive(Debug, Default, Clone, Copy)]
pub struct Seen {
    /// Connections.
    pub connections: usize,
    /// Recipients that were refused.
    pub refused: usize,
    /// Passwords that came without TLS.
    pub bare_passwords: usize,
}

/// What the server shows to clients, and the file in which they find whom to trust.
struct Certificate {
    acceptor: TlsAcceptor,
    folder: TempDir,
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificate").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl SmtpServer {
    /// Starts a server that speaks in the clear.
    pub fn start() -> Self {
        let mut server = Self::down(Security::None);
        server.up();
        server
    }

    /// Starts a server that wants this kind of TLS and this login before it takes a mail.
    pub fn start_secured(security: Security, user: &str, password: &str) -> Self {
        let mut server = Self::down(security);
        server.login = Some(Login { user: user.to_owned(), password: password.to_owned() });
        server.up();
        server
    }

    /// A server that has its address but does not answer yet.
    pub fn down(security: Security) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
        let address = socket.local_addr().expect("it is bound");
        Self {
            address,
            waiting: Some(socket),
            listening: None,
            security,
            login: None,
            certificate: Certificate::new(),
            shared: Arc::default(),
        }
    }

    /// From now on the server answers.
    pub fn up(&mut self) {
        let socket = self.waiting.take().expect("the server is down");
        let listener = socket.listen(16).expect("the port is ours");
        self.listening = Some(tokio::spawn(listen(listener, self.conversation())));
    }

    fn conversation(&self) -> Conversation {
        Conversation {
            shared: Arc::clone(&self.shared),
            security: self.security,
            login: self.login.clone(),
            acceptor: self.certificate.acceptor.clone(),
        }
    }

    /// How a client reaches the server.
    pub fn settings(&self) -> Smtp {
        Smtp {
            host: "127.0.0.1".to_owned(),
            port: Some(self.address.port()),
            security: self.security,
            login: self.login.clone(),
            ca_file: Some(self.certificate.file()),
        }
    }

    /// Refuses mails for this address with this answer, so many times.
    pub fn refuse(&self, recipient: &str, answer: &'static str, times: usize) {
        let refusal = Refusal { recipient: recipient.to_owned(), answer, left: times };
        lock(&self.shared.refusals).push(refusal);
    }

    /// What clients did so far.
    pub fn seen(&self) -> Seen {
        *lock(&self.shared.seen)
    }

    /// The mails so far.
    pub fn mails(&self) -> Vec<ArrivedMail> {
        lock(&self.shared.mails).clone()
    }

    /// The mails for one address so far.
    pub fn mails_to(&self, address: &str) -> Vec<ArrivedMail> {
        self.mails().into_iter().filter(|mail| mail.to == address).collect()
    }

    /// Waits until `done`.
    pub async fn until(&self, done: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !done(self) {
            assert!(began.elapsed() < PATIENCE, "{:?}, {:?}", self.seen(), self.mails());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.abort();
        }
    }
}

impl Certificate {
    fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), "localhost".to_owned()])
            .expect("a certificate can be made");
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("ca.pem"), made.cert.pem()).expect("the folder is ours");
        let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der())
            .expect("the key has a form that is known");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider knows TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("the key belongs to the certificate");
        Self { acceptor: TlsAcceptor::from(Arc::new(config)), folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }
}

async fn listen(listener: TcpListener, conversation: Conversation) {
    while let Ok((stream, _)) = listener.accept().await {
        lock(&conversation.shared.seen).connections += 1;
        let conversation = conversation.clone();
        tokio::spawn(async move {
            // A client that goes away in the middle is its own affair.
            let _ = conversation.hold(stream).await;
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
