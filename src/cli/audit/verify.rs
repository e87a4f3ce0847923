//! `countersign audit verify`: a record held against itself, and against checkpoints kept outside.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::Value;

use crate::app::App;
use crate::authn::checkpoints::is_signed;
use crate::cli::audit::find;
use crate::cli::output::{line, say};
use crate::domain::actor::Actor;
use crate::domain::event::checkpoints::Checkpoint;
use crate::domain::event::proof::{Fault, Proof, Report};

/// What the record is held against.
pub(super) struct Outside {
    checkpoints: Vec<Checkpoint>,
    keys: Vec<Value>,
}

impl Outside {
    /// Reads checkpoints, and checks their signatures if there is a key.
    pub(super) fn read(checkpoint: Option<PathBuf>, key: Option<PathBuf>) -> anyhow::Result<Self> {
        let keys = key.map(|path| read_keys(&path)).transpose()?;
        let checkpoints = checkpoint.map(|path| read_checkpoints(&path)).transpose()?;
        let checkpoints = checkpoints.unwrap_or_default();
        match &keys {
            Some(keys) => {
                for it in &checkpoints {
                    anyhow::ensure!(
                        is_signed(it, keys),
                        "the checkpoint of {} (number {}) is not signed by these keys",
                        it.at,
                        it.seq
                    );
                }
            }
            None if checkpoints.is_empty() => say(
                "note: without --checkpoint nobody sees that the end was cut off, or all made anew",
            )?,
            None => say("note: without --key the checkpoints' signatures are not checked")?,
        }
        Ok(Self { checkpoints, keys: keys.unwrap_or_default() })
    }
}

/// An export, without asking anybody.
pub(super) fn file(path: &Path, outside: &Outside) -> anyhow::Result<()> {
    let file = File::open(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    let mut proof = Proof::default();
    for text in BufReader::new(file).lines() {
        proof.add(&text.with_context(|| format!("`{}` is not text", path.display()))?);
    }
    let report = proof.finish(&outside.checkpoints);
    tell(&path.display().to_string(), &report)?;
    settle(report.faults.len())
}

/// The configured database.
pub(super) async fn database(
    app: &App,
    account: Option<&str>,
    outside: &Outside,
) -> anyhow::Result<()> {
    let accounts = match account {
        Some(account) => vec![find(app, account).await?],
        None => app.reachable(&Actor::Platform).await?.into_iter().map(|it| it.account).collect(),
    };
    let walls = app.missing_walls().await?;
    walls.iter().try_for_each(|fault: &Fault| line(&fault.to_string()))?;
    let mut count = walls.len();
    for account in accounts {
        let against = (&*outside.checkpoints, &*outside.keys);
        let proved = app.prove_record(&Actor::Platform, account.id, against).await;
        let report = proved.with_context(|| format!("account {}", account.slug.as_str()))?;
        tell(&format!("account {}", account.slug.as_str()), &report)?;
        count += report.faults.len();
    }
    settle(count)
}

fn tell(what: &str, report: &Report) -> anyhow::Result<()> {
    for fault in &report.faults {
        line(&format!("{what}: {fault}"))?;
    }
    let proven = match report.proven {
        Some(seq) => format!("proven up to number {seq} by checkpoints"),
        None => "proven by no checkpoint".to_owned(),
    };
    line(&format!(
        "{what}: {} lines, the last sealed is number {}, {proven}; {} not sealed yet, {} erased; {} faults",
        report.lines,
        report.head,
        report.unsealed,
        report.erased,
        report.faults.len(),
    ))
}

fn settle(faults: usize) -> anyhow::Result<()> {
    anyhow::ensure!(faults == 0, "the record is not as it was written: {faults} faults");
    say("The record is as it was written.")
}

fn read_checkpoints(path: &Path) -> anyhow::Result<Vec<Checkpoint>> {
    let text = read(path)?;
    let bodies = match serde_json::from_str::<Value>(&text) {
        Ok(one) => vec![one],
        Err(_) => text.lines().filter_map(|text| serde_json::from_str(text).ok()).collect(),
    };
    let read: Option<Vec<Checkpoint>> = bodies.iter().map(Checkpoint::read).collect();
    read.filter(|all| !all.is_empty()).with_context(|| {
        format!(
            "`{}` holds no checkpoint: `countersign audit checkpoint` prints one",
            path.display()
        )
    })
}

fn read_keys(path: &Path) -> anyhow::Result<Vec<Value>> {
    let wrong =
        || format!("`{}` holds no keys: `countersign audit keys` prints them", path.display());
    let keys: Value = serde_json::from_str(&read(path)?).with_context(wrong)?;
    match keys.get("keys") {
        Some(Value::Array(keys)) => Ok(keys.clone()),
        Some(_) => anyhow::bail!(wrong()),
        None => Ok(vec![keys]),
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("`{}` cannot be read", path.display()))
}
