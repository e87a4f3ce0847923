//! `countersign demo`: the real server on a database of its own, and an identity provider that plays
//! a first sync and a cycle of changes into it over HTTP.

mod changes;
mod client;
mod entra;
mod groups;
mod people;
mod progress;
mod report;

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use anyhow::Context as _;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::app::{App, Outcome};
use crate::boot::{self, server, telemetry};
use crate::cli::output::{line, say};
use crate::config::Config;
use crate::config::mail::Transport;
use crate::domain::account::Slug;
use crate::domain::actor::Actor;
use crate::domain::command::{Command, CreateAccount, IssueToken};
use crate::domain::opaque;
use crate::domain::tokens::{Access, DEFAULT_DAYS};
use crate::mail::Mailer;
use crate::scim::preset::Preset;

use self::changes::Directory;
use self::client::Client;
use self::entra::Plan;
use self::people::Person;
use self::report::Door;

/// The account that the demo makes.
const ACCOUNT: &str = "acme";
/// Fewer users leave no room for the incremental cycle.
const LEAST_USERS: i64 = 50;
/// Nor do fewer groups.
const LEAST_GROUPS: i64 = 3;

/// Options of `demo`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The port to listen on, at 127.0.0.1
    #[arg(long, default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// Users in the first sync, from 50 to 100000
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(LEAST_USERS..=100_000))]
    users: u32,
    /// Groups in the first sync, from 3 to 1000
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(LEAST_GROUPS..=1_000))]
    groups: u32,
    /// End after the report instead of staying up
    #[arg(long)]
    exit: bool,
}

pub(super) async fn run(mut config: Config, args: Args) -> anyhow::Result<()> {
    telemetry::start_log(&config.log);
    refuse_taken_port(args.port)?;
    let folder = tempfile::tempdir().context("no temporary folder for the demo's database")?;
    let file = folder.path().join("demo.db");
    config.database.url = SecretString::from(format!("sqlite://{}", file.display()));
    config.server.listen = format!("127.0.0.1:{}", args.port);
    config.server.public_url = format!("http://localhost:{}", args.port);
    config.server.operations_listen = operations_address(args.port);
    config.mail.transport = Transport::Folder;
    config.mail.folder = folder.path().join("mails");
    let bound = server::Server::bind(&config).await?;
    let (address, operations) = (bound.public_address()?, bound.operations_address()?);

    let stop = server::stop_on_signal()?;
    let metrics = telemetry::start_metrics()?;
    let store = boot::open_store(&config).await?;
    store.migrate().await?;
    let app = boot::app(store, &config);
    let door = Door {
        base: format!("{}/accounts/{ACCOUNT}/scim/v2", config.server.public_url),
        token: open_account(&app).await?,
        operations: format!("http://{operations}"),
    };
    let client = Client::new(&door.base, address, &door.token)?;
    let mailer = Mailer::new(&config.mail)?;
    let mut serving = tokio::spawn(bound.run(app, (metrics, mailer), stop.clone()));
    let shown = tokio::select! {
        biased;
        shown = show(&client, &args, &door, &stop) => shown,
        served = &mut serving => return served.context("the server failed")?,
    };
    stop.cancel();
    serving.await.context("the server failed")??;
    shown?;
    say("countersign has stopped; the demo's database is deleted")
}

/// Plays, reports, and stays until told to stop.
async fn show(
    client: &Client,
    args: &Args,
    door: &Door,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    tokio::select! {
        played = play(client, args) => played.context("the demo met a surprise")?,
        () = stop.cancelled() => return Ok(()),
    }
    report::invitation(door)?;
    if !args.exit {
        line("Ctrl-C stops the demo and deletes its database.")?;
        stop.cancelled().await;
    }
    Ok(())
}

async fn play(client: &Client, args: &Args) -> anyhow::Result<()> {
    let (users, groups) = (usize::try_from(args.users)?, usize::try_from(args.groups)?);
    say(&format!(
        "Syncing {users} users and {groups} groups into account `{ACCOUNT}` over HTTP, as Entra ID does"
    ))?;
    let plan =
        Plan { people: (0..users).map(Person::new).collect(), groups: groups::groups(groups) };
    let synced = entra::first_sync(client, &plan).await?;
    report::speed(&synced)?;
    let directory = Directory { client, plan: &plan, synced: &synced };
    line("Incremental cycle:")?;
    line(&format!("  joiner  {}", directory.join().await?))?;
    line(&format!("  mover   {}", directory.change_department().await?))?;
    line(&format!("  leaver  {}", directory.leave().await?))?;
    report::holdings(client).await
}

/// Makes the account and a token of its first connection; the token's text.
async fn open_account(app: &App) -> anyhow::Result<String> {
    let slug = Slug::parse(ACCOUNT).map_err(anyhow::Error::msg)?;
    let name = "Acme Corporation".to_owned();
    let create = Command::CreateAccount(CreateAccount { slug, name, is_operator: false });
    let Outcome::Account(account) = app.change(&Actor::Platform, create).await? else {
        anyhow::bail!("the demo's account was not made");
    };
    let issue = Command::IssueToken(IssueToken {
        account: account.id,
        connection: "default".to_owned(),
        preset: Preset::Standard,
        access: Access::Write,
        days: DEFAULT_DAYS,
    });
    let Outcome::Token(issued) = app.change(&Actor::Platform, issue).await? else {
        anyhow::bail!("the demo's token was not issued");
    };
    Ok(opaque::reveal(&issued.secret).to_owned())
}

/// `localhost` can mean either address, so another program at either would be in the way.
fn refuse_taken_port(port: u16) -> anyhow::Result<()> {
    let Some(cause) = taken(port) else { return Ok(()) };
    let why = if cause.kind() == ErrorKind::AddrInUse {
        "is taken by another program".to_owned()
    } else {
        format!("cannot be used ({cause})")
    };
    let free = (port..=u16::MAX).skip(1).take(100).find(|other| taken(*other).is_none());
    anyhow::bail!(
        "port {port} {why}; choose another: `countersign demo --port {}`",
        free.unwrap_or(18_080)
    )
}

/// Why the port cannot be listened on.
fn taken(port: u16) -> Option<std::io::Error> {
    let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).err();
    let v6 = || {
        let error = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).err()?;
        // A machine without IPv6 has other errors, which are no obstacle.
        (error.kind() == ErrorKind::AddrInUse).then_some(error)
    };
    v4.or_else(v6)
}

/// A thousand ports above if that is free, else wherever the system likes.
fn operations_address(port: u16) -> String {
    let wanted = port.checked_add(1_000).filter(|above| taken(*above).is_none());
    SocketAddr::from((Ipv4Addr::LOCALHOST, wanted.unwrap_or(0))).to_string()
}
