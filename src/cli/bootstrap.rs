//! `countersign bootstrap`.

use crate::boot;
use crate::cli::output::{line, say};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The userName of one member of the operator's staff
    first: String,
    /// The userName of another
    second: String,
}

pub(super) async fn run(config: Config, args: Args) -> anyhow::Result<()> {
    let store = boot::open_current_store(&config).await?;
    let app = boot::app(store, &config);
    let named = app.bootstrap([&args.first, &args.second]).await?;
    let base = &app.settings().public_url;
    for one in &named {
        match &one.link {
            Some(link) => {
                line(&format!("{}  {}", one.user_name, app.enrolment_url(link)))?;
            }
            None => say(&format!("{} has a second factor already.", one.user_name))?,
        }
    }
    say(&format!(
        "Give each their own link, by a way that only they can read. Both sign in, open it within 24 \
         hours,\nenrol a passkey or an authenticator app, and confirm the other at \
         {base}/bootstrap.\nThe links are not shown again; until both have confirmed, the same \
         command makes new ones."
    ))
}
