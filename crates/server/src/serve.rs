//! Start and stop.

use std::{fmt, net::SocketAddr, path::PathBuf, sync::Arc};

use anyhow::Context as _;
use domain::Clock;
use http_kit::{CorsOrigins, WebOrigin};
use jobs::Jobs;
use registry::Registry;
use rubygems::{Options, RubyGems};
use store::Store;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use web::Web;

use crate::{
    Settings, StartError, client::TrustedProxies, faces::Faces, handles, hosts::Hosts, listen::listen,
    logging, mails, open, privacy, tasks,
};

/// What the operator is told when the server listens.
#[derive(Clone)]
pub struct Announcement {
    /// The address under which clients reach it.
    pub address: String,
    /// The data folder.
    pub data: PathBuf,
    /// The engine of the database.
    pub engine: String,
    /// Where the first account is made, if there is none.
    pub setup_url: Option<String>,
    /// Where mails go, such as `files in ./keyward-data/mail`.
    pub mails: String,
}

impl fmt::Debug for Announcement {
    /// Without the address of the set-up: it has the token in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Announcement")
            .field("address", &self.address)
            .field("data", &self.data)
            .field("engine", &self.engine)
            .finish_non_exhaustive()
    }
}

/// A server that listens.
#[derive(Debug)]
pub struct Running {
    announcement: Announcement,
    address: SocketAddr,
    registry: Registry,
    jobs: Jobs,
    store: Store,
    stop: CancellationToken,
    listening: JoinHandle<()>,
    background: tokio::task::JoinSet<()>,
}

/// Serves until the process is told to stop (SIGTERM or SIGINT), then finishes what runs. `announce` is called once the server
/// listens.
pub async fn serve(settings: Settings, announce: impl FnOnce(&Announcement)) -> anyhow::Result<()> {
    logging::start(&settings.log);
    handles::raise_limit();
    #[cfg(feature = "test-hooks")]
    let clock = crate::hooks::HookedClock::shared();
    #[cfg(not(feature = "test-hooks"))]
    let clock: Arc<dyn Clock> = Arc::new(domain::SystemClock);
    let running = start(&settings, clock).await?;
    // Whoever reads the announcement may send the signal at once.
    let signal = stop_signal()?;
    announce(&running.announcement);
    signal.await;
    tracing::info!("stopping: running requests are finished");
    running.stop().await
}

/// Starts a server with the given clock.
pub async fn start(settings: &Settings, clock: Arc<dyn Clock>) -> anyhow::Result<Running> {
    let store = open::open_store(settings).await?;
    let registry = open::assemble(settings, store.clone(), Arc::clone(&clock))?;
    registry.ensure_gem_index().await.context("the index of gems could not be written")?;
    let listener = bind(settings.listen).await?;
    let address = listener.local_addr()?;
    let base_url = settings.base_url_at(address);
    // Registered and up to date before the first request: keys are trusted from memory at once.
    registry.look_for_changes().await?;
    registry.look_for_changes().await?;
    let setup_url =
        registry.setup_token().await?.map(|token| format!("{base_url}/setup?token={}", token.expose()));
    let (mailer, mails) = mails::choose(settings, &base_url, clock)?;
    privacy::warn(settings, address, &base_url);
    let jobs = Jobs::new(registry.clone(), mailer, base_url.clone());
    let stop = CancellationToken::new();
    let background = tasks::spawn(&registry, &jobs, &stop);
    let faces = faces(settings, &registry, &base_url)?;
    let listening = tokio::spawn(listen(listener, faces, settings.limits.clone(), stop.clone()));
    let announcement = Announcement {
        address: base_url,
        data: settings.data.clone(),
        engine: store.engine().to_string(),
        setup_url,
        mails,
    };
    Ok(Running { announcement, address, registry, jobs, store, stop, listening, background })
}

fn faces(settings: &Settings, registry: &Registry, base_url: &str) -> anyhow::Result<Faces> {
    let options = Options {
        base_url: base_url.to_owned(),
        info_created_at: settings.rubygems.info_created_at,
        legacy_get_api_key: settings.rubygems.legacy_get_api_key,
        cors: CorsOrigins::new(&settings.cors_origins),
    };
    let gems = rubygems::router(RubyGems::new(registry.clone(), options));
    #[cfg(feature = "test-hooks")]
    let gems = gems.merge(crate::hooks::router(registry.clone()));
    let web = web::router(Web::new(registry.clone(), base_url.to_owned()));
    let proxies = TrustedProxies::new(&settings.limits.trusted_proxies);
    let base = WebOrigin::of_address(base_url).context("the base URL names no host")?;
    let hosts = Hosts::new(base, settings.base_url.is_some(), &settings.rubygems.hosts);
    Ok(Faces::new(gems, web, hosts, proxies))
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|cause| match cause.kind() {
        std::io::ErrorKind::AddrInUse => StartError::AddressTaken(address),
        _ => StartError::Listen { address, cause },
    })
}

impl Running {
    /// What the operator is told.
    pub fn announcement(&self) -> &Announcement {
        &self.announcement
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The use cases, for tests that set something up.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The outbox runner, for tests that wait for its work.
    pub fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    /// Stops: no new connections, running requests are finished, counts are written.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.listening.await?;
        while self.background.join_next().await.is_some() {}
        self.registry.record_usage().await?;
        self.registry.stop_following().await?;
        self.store.close().await;
        Ok(())
    }
}

/// Ends with the first SIGTERM or SIGINT; listens from the moment it is made.
#[cfg(unix)]
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Ends with Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
