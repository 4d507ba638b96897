//! A server and the attacks on it, one after the other.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::bounds::{Bounds, Peak};
use super::figure::{Figure, Row};
use super::memory::Watch;
use super::request::Request;
use super::server::{Server, Setup};
use super::witness::Witnesses;
use crate::machine;

/// What an attack does, and returns what it measured.
type Run = Box<dyn Fn(&Server) -> Result<Vec<Figure>> + Send>;

/// An attack: what it is called, what it may cost, and what it does.
pub(crate) struct Attack {
    /// Its name.
    pub(crate) name: String,
    /// What it may cost.
    bounds: Bounds,
    /// How long it may take before the server is killed.
    longest: Duration,
    /// Carries it out.
    run: Run,
}

/// An attack takes no longer than this.
const LONGEST: Duration = Duration::from_mins(1);

impl Attack {
    /// An attack that may take a minute.
    pub(crate) fn new(
        name: impl Into<String>,
        bounds: Bounds,
        run: impl Fn(&Server) -> Result<Vec<Figure>> + Send + 'static,
    ) -> Self {
        Self { name: name.into(), bounds, longest: LONGEST, run: Box::new(run) }
    }

    /// An attack of which nothing is measured besides.
    pub(crate) fn plain(
        name: impl Into<String>,
        bounds: Bounds,
        run: impl Fn(&Server) + Send + 'static,
    ) -> Self {
        Self::new(name, bounds, move |server| {
            run(server);
            Ok(vec![])
        })
    }

    /// Allows it more time.
    pub(crate) fn longest(mut self, longest: Duration) -> Self {
        self.longest = longest;
        self
    }
}

/// Attacks on one server.
pub(crate) struct Campaign {
    /// How the server is started.
    pub(crate) setup: Setup,
    /// The attacks.
    pub(crate) attacks: Vec<Attack>,
}

impl Campaign {
    /// Carries them all out. After an attack that left a mark on the server comes another one.
    pub(crate) fn run(self, executable: &Path) -> Vec<Row> {
        let mut server = None;
        let attempt = |attack: &Attack| {
            let start = Instant::now();
            let result = match server.take().map_or_else(|| Server::start(executable, &self.setup), Ok) {
                Ok(running) => {
                    let outcome = carry_out(attack, &running);
                    let goes_on = outcome.as_ref().is_ok_and(is_fit) && running.is_fresh();
                    server = goes_on.then_some(running);
                    outcome
                }
                Err(error) => Err(error),
            };
            let (figures, problem) = result.unwrap_or_else(|error| (vec![], Some(format!("{error:#}"))));
            Row { name: attack.name.clone(), took: start.elapsed(), figures, problem }
        };
        self.attacks.iter().map(attempt).inspect(|row| machine::say(&row.progress())).collect()
    }
}

/// Whether the server is good for another attack: it is as it was before this one.
fn is_fit((figures, problem): &(Vec<Figure>, Option<String>)) -> bool {
    problem.is_none() && figures.iter().all(Figure::holds)
}

/// Carries out one attack. Returns the figures, and what went wrong.
fn carry_out(attack: &Attack, server: &Server) -> Result<(Vec<Figure>, Option<String>)> {
    let memory = server.memory();
    memory.forget_peak()?;
    let before = memory.now()?;
    let watch = Watch::start(server.process(), attack.longest);
    let witnesses = Witnesses::start(server.witness(), questions(server));
    let further = (attack.run)(server);
    let waits = witnesses.finish();
    let peak = memory.peak().unwrap_or_default();
    let Bounds { peak: most, idle, wait } = attack.bounds;
    let idle_bytes = idle * MEBIBYTE;
    let settled = memory.settled(idle_bytes).unwrap_or_default();
    let (highest, killed) = watch.finish();
    let most = match most {
        Peak::Total(most) => most,
        Peak::More(more) => before.div_ceil(MEBIBYTE) + more,
    };
    let mut figures =
        vec![Figure::mebibytes("peak", peak.max(highest), most), Figure::mebibytes("idle", settled, idle)];
    figures.extend(waits.into_iter().map(|(what, waited)| Figure::time(what, waited, wait)));
    let problem = killed.or_else(|| further.as_ref().err().map(|error| format!("{error:#}")));
    figures.extend(further.unwrap_or_default());
    Ok((figures, problem))
}

const MEBIBYTE: u64 = 1024 * 1024;

/// What others want to know all the while.
fn questions(server: &Server) -> [(&'static str, Request); 3] {
    let check = Request::get("/rubygems/api/v1/api_key/check?scope=push_rubygem");
    [
        ("/healthz", Request::get("/healthz")),
        ("page", Request::get("/gems")),
        ("key", check.header("Authorization", &server.key)),
    ]
}
