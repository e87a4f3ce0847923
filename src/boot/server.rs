//! The listeners, and a graceful end: what was accepted is finished.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use axum::ServiceExt;
use axum::extract::Request;
use axum_server::Handle;
use hyper_util::rt::TokioTimer;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::config::Config;
use crate::mail::Mailer;
use crate::{http, worker};

/// How long accepted requests may take to finish after the signal to stop.
const GRACE: Duration = Duration::from_secs(30);
/// How long a connection may take to send a request's headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);

/// Listeners that are bound, so that it is known where before anything is served.
#[derive(Debug)]
pub struct Server {
    public: TcpListener,
    operations: TcpListener,
}

impl Server {
    /// Binds both listeners.
    ///
    /// # Errors
    /// If an address is taken or not ours.
    pub async fn bind(config: &Config) -> anyhow::Result<Self> {
        let public = bind("server.listen", &config.server.listen).await?;
        let operations = bind("server.operations_listen", &config.server.operations_listen).await?;
        Ok(Self { public, operations })
    }

    /// Where the public listener is.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn public_address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.public.local_addr()?)
    }

    /// Where the operations listener is.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn operations_address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.operations.local_addr()?)
    }

    /// Serves until `stop`, then finishes what was accepted.
    ///
    /// # Errors
    /// If a listener fails.
    pub async fn run(
        self,
        app: App,
        (metrics, mailer): (PrometheusHandle, Mailer),
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let work = tokio::spawn(worker::run(app.clone(), mailer, stop.clone()));
        let operations = http::operations::router(app.clone(), metrics);
        let operations = axum::serve(self.operations, operations)
            .with_graceful_shutdown(stop.clone().cancelled_owned())
            .into_future();
        let public = serve_public(self.public, app, stop.clone());
        let served = tokio::join!(public, operations);
        work.await.context("the worker failed")?;
        served.1.context("the operations listener failed")?;
        served.0
    }
}

/// The public listener closes connections that do not send their headers in time.
async fn serve_public(
    listener: TcpListener,
    app: App,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let handle = Handle::new();
    let mut server = axum_server::from_tcp(listener.into_std()?)?.handle(handle.clone());
    let timer = TokioTimer::new();
    server.http_builder().http1().timer(timer.clone()).header_read_timeout(HEADER_TIMEOUT);
    server.http_builder().http2().timer(timer);
    let stopping = stop.clone();
    tokio::spawn(async move {
        stopping.cancelled().await;
        handle.graceful_shutdown(Some(GRACE));
    });
    let service = http::service(app);
    let service = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(service);
    let ended = server.serve(service).await.context("the public listener failed");
    stop.cancel();
    ended
}

/// Cancels the token on SIGTERM or SIGINT.
///
/// # Errors
/// If signals cannot be listened to.
pub fn stop_on_signal() -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = CancellationToken::new();
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stopped = stop.clone();
    tokio::spawn(async move {
        tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
        stopped.cancel();
    });
    Ok(stop)
}

async fn bind(key: &str, address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("{key} = `{address}`: cannot listen there; is it in use?"))
}
