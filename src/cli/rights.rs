//! `countersign rights …`: why somebody has a right, and who has one.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use anyhow::Context as _;
use uuid::Uuid;

use crate::app::App;
use crate::app::rights::explain::{Explanation, Way};
use crate::app::rights::who_has::{Holder, Wanted};
use crate::boot;
use crate::cli::output::{line, say, table};
use crate::config::Config;
use crate::domain::account::Slug;
use crate::domain::actor::Actor;
use crate::domain::ids::AccountId;
use crate::domain::rights::RightKey;
use crate::domain::rights::catalogue::bundle_id;
use crate::domain::rights::paths::{Source, Standing, Where};
use crate::domain::rights::sources::{By, Place};
use crate::domain::time::Timestamp;

/// How many holders are read at a time.
const PAGE: usize = 500;

/// What accounts are called in URLs.
type Names = BTreeMap<AccountId, String>;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Rights {
    /// Say why a user has a right, or what stops it
    Explain {
        /// The account's name in URLs
        #[arg(long)]
        account: String,
        /// The user's userName
        #[arg(long)]
        user_name: String,
        /// The right's key, for example campaigns.send
        right: String,
        /// Of a past moment (RFC 3339), for example 2026-11-01T00:00:00Z
        #[arg(long)]
        at: Option<String>,
    },
    /// List who has a right or a predefined bundle in an account
    #[command(group = clap::ArgGroup::new("wanted").required(true).args(["right", "bundle"]))]
    WhoHas {
        /// The account's name in URLs
        #[arg(long)]
        account: String,
        /// The right's key
        #[arg(long)]
        right: Option<String>,
        /// The bundle's key in the catalogue, or its id
        #[arg(long)]
        bundle: Option<String>,
        /// Of a past moment (RFC 3339)
        #[arg(long)]
        at: Option<String>,
    },
}

pub(super) async fn run(config: Config, command: Rights) -> anyhow::Result<()> {
    let store = boot::open_current_store(&config).await?;
    let app = boot::app(store, &config);
    match command {
        Rights::Explain { account, user_name, right, at } => {
            let (account, at) = (find(&app, &account).await?, moment(&app, at.as_deref())?);
            let user = app.user_called(&Actor::Platform, account, &user_name).await?;
            let right = key(&right)?;
            let told = app.explain(&Actor::Platform, (account, user), &right, at).await?;
            explain(&app, &user_name, &told).await
        }
        Rights::WhoHas { account, right, bundle, at } => {
            let (account, at) = (find(&app, &account).await?, moment(&app, at.as_deref())?);
            let wanted = match (right, bundle) {
                (Some(right), _) => Wanted::Right(key(&right)?),
                (None, Some(bundle)) => {
                    let id = Uuid::try_parse(&bundle).unwrap_or_else(|_| bundle_id(&bundle).uuid());
                    Wanted::Gift(id)
                }
                (None, None) => anyhow::bail!("name a right or a bundle"),
            };
            who_has(&app, (account, &wanted), at).await
        }
    }
}

async fn find(app: &App, account: &str) -> anyhow::Result<AccountId> {
    let slug = Slug::parse(account).map_err(anyhow::Error::msg)?;
    Ok(app.account(&Actor::Platform, &slug).await?.id)
}

fn key(text: &str) -> anyhow::Result<RightKey> {
    RightKey::parse(text).with_context(|| {
        format!("`{text}` is no right's key; `countersign catalogue show` lists them")
    })
}

fn moment(app: &App, text: Option<&str>) -> anyhow::Result<Option<Timestamp>> {
    let Some(text) = text else { return Ok(None) };
    let read = Timestamp::parse(text).filter(|at| app.is_past(*at));
    read.map(Some).with_context(|| {
        format!("`{text}` is no past moment; write for example 2026-11-01T00:00:00Z")
    })
}

/// Prints an explanation: each way from its source to the right, or what stops it.
///
/// # Errors
/// If the catalogue cannot be read, or standard output is closed.
pub(super) async fn explain(app: &App, who: &str, told: &Explanation) -> anyhow::Result<()> {
    let release = app.catalogue().await?;
    let known = release.catalogue.rights.get(&told.right);
    let label = known.map_or("not in the catalogue", |it| it.texts.label.en.as_str());
    line(&format!("{who}: {} ({label})", told.right))?;
    let mut names = Names::new();
    let held = told.held.keys().map(|place| place.account);
    let ways = told.ways.iter().map(|way| way.path.held_in.account);
    name_accounts(app, held.chain(ways), &mut names).await?;
    for (place, standing) in &told.held {
        line(&format!("  {} in {}", word(*standing), named(*place, &names)))?;
    }
    if told.ways.is_empty() {
        let holding: Vec<&str> = release
            .catalogue
            .bundles
            .iter()
            .filter(|(_, bundle)| bundle.rights.contains(&told.right))
            .map(|(key, _)| key.as_str())
            .collect();
        line("  not held: no group mapping, no grant and no seed gives it")?;
        return line(&format!("  bundles that hold it: {}", holding.join(", ")));
    }
    let permission = known.and_then(|it| it.permission.as_deref());
    for way in &told.ways {
        show_way(way, permission, &names)?;
    }
    Ok(())
}

fn show_way(way: &Way, permission: Option<&str>, names: &Names) -> anyhow::Result<()> {
    let mut steps = vec![];
    for (_, name, since) in &way.groups {
        steps.push(format!("group `{name}` since {since}"));
    }
    if let Some(it) = &way.mapping {
        let by = by(&it.created_by);
        steps.push(format!(
            "group mapping {} made {} by {by}{}",
            it.id,
            it.created_at,
            quoted(&it.reason)
        ));
        steps.extend(reach(it.place));
    }
    if let Some(it) = &way.grant {
        let by = by(&it.given_by);
        steps.push(format!("grant {} of {} by {by}{}", it.id, it.given_at, quoted(&it.reason)));
        steps.extend(reach(it.place));
    }
    if way.path.source == Source::Seed {
        steps.push("seed: given by bootstrap, or by the demo".to_owned());
    }
    if let Source::Support { id } = way.path.source {
        steps.push(format!(
            "support grant {id}: let in by two people, or by looking after the account"
        ));
    }
    steps.extend(way.role.as_ref().map(|role| format!("role `{}`", role.name)));
    steps.extend(way.bundle.as_ref().map(|bundle| format!("bundle `{}`", bundle.name)));
    steps.push(format!("right {}", way.path.right));
    steps.extend(permission.map(|key| format!("account permission `{key}`, which it needs")));
    line(&format!("  {} in {}:", word(way.path.standing()), named(way.path.held_in, names)))?;
    for step in steps {
        line(&format!("    → {step}"))?;
    }
    for stop in &way.path.stops {
        line(&format!("    ✗ {}", stop.reason()))?;
    }
    Ok(())
}

/// Where something gives, if not in the whole account.
fn reach(place: Place) -> Option<String> {
    match place {
        Place::Account => None,
        Place::Workspace(id) => Some(format!("in workspace {id}")),
        Place::Children => Some("in all child accounts".to_owned()),
    }
}

async fn who_has(
    app: &App,
    what: (AccountId, &Wanted),
    at: Option<Timestamp>,
) -> anyhow::Result<()> {
    let head = ["USER", "NAME", "ACCOUNT", "WHERE", "STANDING"].map(str::to_owned).to_vec();
    let (mut rows, mut behind, mut names) = (vec![head], None, Names::new());
    loop {
        let page = app.who_has(&Actor::Platform, what, at, (behind, PAGE)).await?;
        let held = page.holders.iter().flat_map(|it| it.places.iter().map(|(at, _)| at.account));
        let homes = page.holders.iter().map(|it| it.account);
        name_accounts(app, held.chain(homes), &mut names).await?;
        rows.extend(page.holders.iter().flat_map(|holder| cells(holder, &names)));
        if page.next.is_none() {
            break;
        }
        behind = page.next;
    }
    if rows.len() == 1 {
        return say("Nobody has it.");
    }
    table(&rows)
}

fn cells(holder: &Holder, names: &Names) -> Vec<Vec<String>> {
    let row = |(place, standing): &(Where, Standing)| {
        vec![
            holder.user.to_string(),
            holder.display_name.clone(),
            account_name(holder.account, names),
            named(*place, names),
            word(*standing).to_owned(),
        ]
    };
    holder.places.iter().map(row).collect()
}

/// Reads the short names of those accounts that are not known yet.
async fn name_accounts(
    app: &App,
    accounts: impl Iterator<Item = AccountId>,
    names: &mut Names,
) -> anyhow::Result<()> {
    for account in accounts {
        if let Entry::Vacant(unknown) = names.entry(account) {
            let profile = app.profile(&Actor::Platform, account).await?;
            unknown.insert(profile.account.slug.as_str().to_owned());
        }
    }
    Ok(())
}

fn account_name(account: AccountId, names: &Names) -> String {
    names.get(&account).cloned().unwrap_or_else(|| account.to_string())
}

fn named(place: Where, names: &Names) -> String {
    let account = account_name(place.account, names);
    match place.workspace {
        Some(workspace) => format!("workspace {workspace} of account {account}"),
        None => format!("account {account}"),
    }
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Effective => "effective",
        Standing::Pending => "pending",
        Standing::Stopped => "stopped",
    }
}

fn by(by: &By) -> String {
    match by.id {
        Some(id) => format!("{} {id}", by.kind),
        None => by.kind.clone(),
    }
}

fn quoted(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(": “{reason}”") }
}
