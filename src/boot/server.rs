//! The listeners, and a graceful end: what was accepted is finished.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use axum::ServiceExt;
use axum::extract::Request;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::config::Config;
use crate::{http, worker};

/// How long accepted requests may take to finish after the signal to stop.
const GRACE: Duration = Duration::from_secs(30);

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
    /// If a listener fails, or requests outlast the grace period.
    pub async fn run(
        self,
        app: App,
        metrics: PrometheusHandle,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let work = tokio::spawn(worker::run(app.clone(), stop.clone()));
        let operations = http::operations::router(app.clone(), metrics);
        let operations = axum::serve(self.operations, operations)
            .with_graceful_shutdown(stop.clone().cancelled_owned());
        let public =
            axum::serve(self.public, ServiceExt::<Request>::into_make_service(http::service(app)))
                .with_graceful_shutdown(stop.clone().cancelled_owned());
        let serving = async { tokio::try_join!(public.into_future(), operations.into_future()) };
        tokio::select! {
            served = serving => { served.context("a listener failed")?; }
            () = overtime(stop.clone()) => anyhow::bail!("requests did not finish in {GRACE:?}"),
        }
        stop.cancel();
        work.await.context("the worker failed")?;
        Ok(())
    }
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

async fn overtime(stop: CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(GRACE).await;
}

async fn bind(key: &str, address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("{key} = `{address}`: cannot listen there; is it in use?"))
}
