//! `countersign serve`.

use crate::app::housekeeping::Readiness;
use crate::boot::{self, server, telemetry};
use crate::cli::output::say;
use crate::config::Config;
use crate::mail::Mailer;

/// Options of `serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Do not bring the schema up to date first; `/readyz` then says whether it is
    #[arg(long)]
    no_migrate: bool,
}

pub(super) async fn run(config: Config, args: Args) -> anyhow::Result<()> {
    telemetry::start_log(&config.log);
    let metrics = telemetry::start_metrics()?;
    let store = boot::open_store(&config).await?;
    if !args.no_migrate {
        store.migrate().await?;
    }
    let bound = server::Server::bind(&config).await?;
    let app = boot::app(store, &config);
    if app.readiness().await == Readiness::Ready {
        app.open_catalogue().await?;
    }
    let stop = server::stop_on_signal()?;
    say(&format!(
        "countersign listens on http://{} (public URL {}); operations on http://{}",
        bound.public_address()?,
        config.server.public_url,
        bound.operations_address()?
    ))?;
    let mailer = Mailer::new(&config.mail)?;
    bound.run(app, (metrics, mailer), stop).await?;
    say("countersign has stopped; all accepted requests were finished")
}
