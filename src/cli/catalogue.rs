//! `countersign catalogue …`: which rights there are, and what another catalogue would change.

mod show;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;

use crate::app::App;
use crate::app::rights::catalogue::Difference;
use crate::app::rights::losses::Loss;
use crate::boot;
use crate::cli::output::{line, say};
use crate::config::Config;
use crate::domain::actor::Actor;
use crate::domain::command::{ActivateCatalogue, Command};
use crate::domain::rights::catalogue::Catalogue;

#[derive(Debug, clap::Subcommand)]
pub(super) enum CatalogueCommand {
    /// Say everything that is wrong with a catalogue, by line and with remedies
    Check {
        /// The catalogue; the configured one if none is named
        file: Option<PathBuf>,
    },
    /// Say what a catalogue would change of the active one, and who would lose what
    Diff {
        /// The catalogue; the configured one if none is named
        file: Option<PathBuf>,
    },
    /// Have a catalogue hold from now on, in all accounts
    Activate {
        /// The catalogue; the configured one if none is named
        file: Option<PathBuf>,
        /// Really do it; without it the changes are only shown
        #[arg(long)]
        yes: bool,
    },
    /// Show the active catalogue
    Show {
        /// As the text that was activated, to start another from
        #[arg(long)]
        toml: bool,
        /// In French
        #[arg(long, conflicts_with = "toml")]
        french: bool,
    },
}

pub(super) async fn run(config: Config, command: CatalogueCommand) -> anyhow::Result<()> {
    match command {
        CatalogueCommand::Check { file } => {
            let catalogue = read(&config, file.as_deref())?;
            let Catalogue { rights, bundles, roles, .. } = &*catalogue;
            let (rights, bundles, roles) = (rights.len(), bundles.len(), roles.len());
            line(&format!("in order: {rights} rights, {bundles} bundles, {roles} roles"))
        }
        CatalogueCommand::Diff { file } => {
            let catalogue = read(&config, file.as_deref())?;
            let app = open(&config).await?;
            compare(&app, &catalogue).await.map(|_| ())
        }
        CatalogueCommand::Activate { file, yes } => {
            let catalogue = read(&config, file.as_deref())?;
            let app = open(&config).await?;
            if !compare(&app, &catalogue).await? {
                return say("There is nothing to activate.");
            }
            if !yes {
                anyhow::bail!("nothing was changed; add `--yes` to activate this catalogue");
            }
            let activate = ActivateCatalogue { catalogue };
            app.change(&Actor::Platform, Command::ActivateCatalogue(activate)).await?;
            say("Active from now on, in all accounts.")
        }
        CatalogueCommand::Show { toml, french } => {
            let app = open(&config).await?;
            let active = app.catalogue().await?;
            if toml {
                line(active.catalogue.text().trim_end())
            } else {
                show::show(&active, french)
            }
        }
    }
}

async fn open(config: &Config) -> anyhow::Result<App> {
    let store = boot::open_current_store(config).await?;
    Ok(boot::app(store, config))
}

/// The catalogue of that file, or the configured one.
fn read(config: &Config, file: Option<&Path>) -> anyhow::Result<Arc<Catalogue>> {
    let Some(file) = file else { return Ok(Arc::clone(&config.catalogue.release)) };
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("`{}` cannot be read", file.display()))?;
    match Catalogue::parse(&text) {
        Ok(catalogue) => Ok(Arc::new(catalogue)),
        Err(faults) => {
            for fault in &faults {
                line(&format!("{}:{fault}", file.display()))?;
            }
            let count = faults.len();
            let s = if count == 1 { "" } else { "s" };
            anyhow::bail!("{count} fault{s} in `{}`", file.display())
        }
    }
}

/// Says what would change, and who would lose by it; whether anything would.
async fn compare(app: &App, new: &Catalogue) -> anyhow::Result<bool> {
    // There always is one to compare with.
    app.catalogue().await?;
    let Difference { active, changes, raising } = app.catalogue_difference(new).await?;
    if let Some(active) = active {
        let (number, since) = (active.number, active.activated_at);
        say(&format!("Compared with release {number}, active since {since}:"))?;
    }
    if changes.is_empty() {
        say("They say the same.")?;
        return Ok(false);
    }
    for change in &changes {
        let mark = if raising.contains(change) { "  (takes two people)" } else { "" };
        line(&format!("{change}{mark}"))?;
    }
    tell_losses(&app.catalogue_losses(&Actor::Platform, new).await?)?;
    if !raising.is_empty() {
        say(
            "What is marked gives more of what is privileged. That takes two people's approval, which \
             does not exist yet, so this catalogue cannot be activated.",
        )?;
    }
    Ok(true)
}

fn tell_losses(losses: &[Loss]) -> anyhow::Result<()> {
    if losses.is_empty() {
        return say("Nobody loses a right that they hold now.");
    }
    let mut by_right = BTreeMap::<_, Vec<&Loss>>::new();
    for loss in losses {
        by_right.entry(&loss.right).or_default().push(loss);
    }
    for (right, losses) in by_right {
        line(&format!("who loses `{right}`:"))?;
        for Loss { account, users, named, .. } in losses {
            let s = if *users == 1 { "" } else { "s" };
            let more = users.saturating_sub(named.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let (account, named) = (account.as_str(), named.join(", "));
            line(&format!("  account {account}: {users} user{s}: {named}{more}"))?;
        }
    }
    Ok(())
}
