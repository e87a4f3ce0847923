//! `countersign secrets …`: the keys that seal secrets at rest.

use std::collections::BTreeSet;

use crate::app::App;
use crate::app::seals::Use;
use crate::boot;
use crate::cli::output::{line, say, table};
use crate::config::Config;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Secrets {
    /// Say which keys of `secrets.keys` seal how much, and whether all of it opens
    Status,
    /// Seal everything under the first of `secrets.keys`, so that older keys can go
    Rotate {
        /// Go on although some secrets do not open, and leave those as they are
        #[arg(long)]
        leave_unreadable: bool,
    },
}

pub(super) async fn run(config: Config, command: Secrets) -> anyhow::Result<()> {
    let store = boot::open_current_store(&config).await?;
    let app = boot::app(store, &config);
    match command {
        Secrets::Status => {
            let found = app.seals().await?;
            show(&found)?;
            refuse_unreadable(&found)
        }
        Secrets::Rotate { leave_unreadable } => rotate(&app, leave_unreadable).await,
    }
}

/// For `doctor`: fails if something does not open.
pub(super) async fn check(app: &App) -> anyhow::Result<()> {
    let found = app.seals().await?;
    refuse_unreadable(&found)?;
    let count: u64 = found.iter().map(|used| used.count).sum();
    say(&format!("secrets: {count} are sealed, and open"))
}

async fn rotate(app: &App, leaves_unreadable: bool) -> anyhow::Result<()> {
    let mut resealing = app.resealing()?;
    if !leaves_unreadable {
        refuse_unreadable(&app.seals().await?)?;
    }
    while resealing.step().await? {}
    for (kind, count) in resealing.finish().await? {
        say(&format!("{count} {} are sealed anew", kind.name()))?;
    }
    let found = app.seals().await?;
    show(&found)?;
    let first = app.settings().keyring.first().unwrap_or_default();
    let others: BTreeSet<&str> =
        found.iter().filter_map(|used| used.key.as_deref()).filter(|key| *key != first).collect();
    if others.is_empty() {
        return say(&format!(
            "Only `{first}` is in use. Once every server has it as its first key, older ones can go \
             from `secrets.keys`."
        ));
    }
    let others: Vec<&str> = others.into_iter().collect();
    anyhow::bail!(
        "still in use: {}; do not take them from `secrets.keys`. A server that does not have `{first}` \
         as its first key seals by another: set it, restart it, then run this again",
        others.join(", ")
    )
}

fn show(found: &[Use]) -> anyhow::Result<()> {
    if found.is_empty() {
        return say("Nothing is sealed yet.");
    }
    let mut rows = vec![["KEY", "COUNT", "OPENS", "WHAT"].map(str::to_owned).to_vec()];
    for used in found {
        let key = used.key.clone().unwrap_or_else(|| "?".to_owned());
        let opens = if used.opens { "yes" } else { "NO" }.to_owned();
        rows.push(vec![key, used.count.to_string(), opens, used.kind.name().to_owned()]);
    }
    table(&rows)?;
    line("")
}

fn refuse_unreadable(found: &[Use]) -> anyhow::Result<()> {
    let closed: Vec<String> = found
        .iter()
        .filter(|used| !used.opens)
        .map(|used| {
            let (kind, count) = (used.kind, used.count);
            let key = used.key.as_deref().unwrap_or("?");
            format!("{count} {} sealed by key `{key}` ({})", kind.name(), kind.remedy())
        })
        .collect();
    anyhow::ensure!(
        closed.is_empty(),
        "secrets: these do not open: {}. Put the key that sealed them back into `secrets.keys`, as it \
         was; if it is lost, do as it says in brackets",
        closed.join("; ")
    );
    Ok(())
}
