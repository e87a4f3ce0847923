//! `countersign keys …`: what signs access tokens.

use crate::app::Outcome;
use crate::boot;
use crate::cli::output::{line, say, table};
use crate::config::Config;
use crate::domain::actor::Actor;
use crate::domain::command::{Command, RotateSigningKey};
use crate::domain::keys::Algorithm;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Keys {
    /// List the keys that sign access tokens, and those that did until lately
    List,
    /// Sign with a new key from now on; the old one is published for another day
    Rotate {
        /// What the new key signs with: `es256`, which every library verifies, or `eddsa`
        #[arg(long, default_value = "es256")]
        algorithm: Algorithm,
        /// Refuse at once what older keys have signed: for a key that has leaked
        #[arg(long)]
        drop_old: bool,
    },
}

pub(super) async fn run(config: Config, command: Keys) -> anyhow::Result<()> {
    let store = boot::open_current_store(&config).await?;
    let app = boot::app(store, &config);
    match command {
        Keys::List => {
            let mut rows = vec![["ID", "ALGORITHM", "STATE", "MADE"].map(str::to_owned).to_vec()];
            for key in app.signing_keys(&Actor::Platform).await? {
                let state =
                    key.retired_at.map_or_else(|| "signs".to_owned(), |at| format!("retired {at}"));
                let algorithm = key.algorithm.as_str().to_owned();
                rows.push(vec![key.id, algorithm, state, key.created_at.to_string()]);
            }
            if rows.len() == 1 {
                return say("There is no key yet; the first access token makes one.");
            }
            table(&rows)
        }
        Keys::Rotate { algorithm, drop_old } => {
            let rotate = RotateSigningKey { algorithm, drops_old: drop_old };
            let command = Command::RotateSigningKey(rotate);
            let Outcome::SigningKey(key) = app.change(&Actor::Platform, command).await? else {
                anyhow::bail!("no key was made");
            };
            line(&key.id)?;
            say(if drop_old {
                "Signs from now on. Tokens of older keys are refused here at once; elsewhere as soon \
                 as our keys are fetched again, which may take some minutes."
            } else {
                "Signs from now on. The old key is published for another day."
            })
        }
    }
}
