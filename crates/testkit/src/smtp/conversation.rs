//! One connection: the commands of a client and what they are answered.

use std::{io, sync::Arc};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use mail::{Login, Security};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufStream},
    net::TcpStream,
};
use tokio_rustls::TlsAcceptor;

use super::{ArrivedMail, Shared, lock};

/// What the server wants of each client.
#[derive(Clone)]
pub(super) struct Conversation {
    pub(super) shared: Arc<Shared>,
    pub(super) security: Security,
    pub(super) login: Option<Login>,
    pub(super) acceptor: TlsAcceptor,
}

/// How a part of the conversation ends.
#[derive(PartialEq, Eq)]
enum End {
    Quit,
    StartTls,
}

/// What the client has said so far.
#[derive(Default)]
struct State {
    encrypted: bool,
    user: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

impl Conversation {
    /// Speaks with one client until it goes.
    pub(super) async fn hold(&self, stream: TcpStream) -> io::Result<()> {
        if self.security == Security::Tls {
            let stream = BufStream::new(self.acceptor.accept(stream).await?);
            return self.greet(stream, true).await;
        }
        let mut stream = BufStream::new(stream);
        say(&mut stream, "220 localhost ready").await?;
        if self.commands(&mut stream, false).await? == End::StartTls {
            let mut stream = BufStream::new(self.acceptor.accept(stream.into_inner()).await?);
            self.commands(&mut stream, true).await?;
        }
        Ok(())
    }

    async fn greet<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut stream: BufStream<S>,
        encrypted: bool,
    ) -> io::Result<()> {
        say(&mut stream, "220 localhost ready").await?;
        self.commands(&mut stream, encrypted).await.map(drop)
    }

    async fn commands<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufStream<S>,
        encrypted: bool,
    ) -> io::Result<End> {
        let mut state = State { encrypted, ..State::default() };
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(End::Quit);
            }
            let line = line.trim_end();
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "QUIT" => {
                    say(stream, "221 bye").await?;
                    return Ok(End::Quit);
                }
                "STARTTLS" if self.offers_tls(&state) => {
                    say(stream, "220 go on").await?;
                    return Ok(End::StartTls);
                }
                "DATA" if state.to.is_some() => self.receive(stream, &mut state).await?,
                _ => say(stream, &self.answer(&verb, line, &mut state)).await?,
            }
        }
    }

    fn offers_tls(&self, state: &State) -> bool {
        self.security == Security::StartTls && !state.encrypted
    }

    fn answer(&self, verb: &str, line: &str, state: &mut State) -> String {
        match verb {
            "EHLO" => self.extensions(state),
            "NOOP" => "250 ok".to_owned(),
            "RSET" => {
                (state.from, state.to) = (None, None);
                "250 ok".to_owned()
            }
            "AUTH" => self.sign_in(line, state),
            "MAIL" | "RCPT" if self.login.is_some() && state.user.is_none() => {
                "530 5.7.0 sign in first".to_owned()
            }
            "MAIL" => {
                state.from = address(line);
                if state.from.is_some() { "250 ok" } else { "501 no address" }.to_owned()
            }
            "RCPT" => self.take_recipient(line, state),
            _ => "503 not now".to_owned(),
        }
    }

    fn extensions(&self, state: &State) -> String {
        let mut lines = vec!["localhost", "8BITMIME"];
        if self.offers_tls(state) {
            lines.push("STARTTLS");
        }
        // Offered also without TLS: a client that is careless would be caught.
        if self.login.is_some() {
            lines.push("AUTH PLAIN");
        }
        let last = lines.pop().expect("there are some");
        lines.into_iter().map(|line| format!("250-{line}\r\n")).chain([format!("250 {last}")]).collect()
    }

    fn sign_in(&self, line: &str, state: &mut State) -> String {
        if !state.encrypted {
            lock(&self.shared.seen).bare_passwords += 1;
        }
        let words = line.strip_prefix("AUTH PLAIN ").and_then(|word| BASE64_STANDARD.decode(word).ok());
        let words = words.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
        let mut words = words.split('\0').skip(1);
        let (user, password) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let right = self.login.as_ref().is_some_and(|login| login.user == user && login.password == password);
        if !right {
            return "535 5.7.8 wrong name or password".to_owned();
        }
        state.user = Some(user.to_owned());
        "235 welcome".to_owned()
    }

    fn take_recipient(&self, line: &str, state: &mut State) -> String {
        let (Some(to), true) = (address(line), state.from.is_some()) else { return "503 not now".to_owned() };
        let mut refusals = lock(&self.shared.refusals);
        if let Some(refusal) = refusals.iter_mut().find(|r| r.recipient == to && r.left > 0) {
            refusal.left -= 1;
            lock(&self.shared.seen).refused += 1;
            return refusal.answer.to_owned();
        }
        state.to = Some(to);
        "250 ok".to_owned()
    }

    /// Takes a mail up to the line that has nothing but a dot.
    async fn receive<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufStream<S>,
        state: &mut State,
    ) -> io::Result<()> {
        say(stream, "354 go on").await?;
        let mut text = String::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            if line == ".\r\n" {
                break;
            }
            text.push_str(line.strip_prefix('.').unwrap_or(&line));
        }
        let mail = ArrivedMail {
            from: state.from.take().unwrap_or_default(),
            to: state.to.take().unwrap_or_default(),
            text,
            encrypted: state.encrypted,
            user: state.user.clone(),
        };
        lock(&self.shared.mails).push(mail);
        say(stream, "250 taken").await
    }
}

/// The address between angle brackets.
fn address(line: &str) -> Option<String> {
    let (_, rest) = line.split_once('<')?;
    Some(rest.split_once('>')?.0.to_owned())
}

async fn say<S: AsyncWrite + Unpin>(stream: &mut S, line: &str) -> io::Result<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await?;
    stream.flush().await
}
