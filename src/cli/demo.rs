//! `countersign demo`: the real server on a database of its own, and identity providers that play a
//! first sync and a cycle of changes into it over HTTP, and then let its people sign in.
//!
//! Everything that approvals need a past for (DECISIONS.md 1) happened a month ago: the server's clock is
//! behind until the operator's staff are set up, and catches up before the first sync.

mod cast;
mod changes;
mod client;
mod entra;
mod groups;
mod people;
mod progress;
mod report;
mod rights;
mod staff;
mod stage;

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::boot::clock::{RandomIds, SystemClock};
use crate::boot::{self, server, telemetry};
use crate::cli::output::{line, say};
use crate::config::Config;
use crate::config::mail::Transport;
use crate::domain::ids::IdSource as _;
use crate::http::demo::{DemoProvider, serve_demo};
use crate::mail::Mailer;

use self::changes::Directory;
use self::entra::Plan;
use self::people::Person;
use self::report::Door;
use self::rights::Rights;
use self::stage::Stage;

/// How long ago the operator's staff were set up, in days.
const PAST: u16 = 30;
/// Where the operations listener is, above the demo's port.
const OPERATIONS_ABOVE: u16 = 1_000;
/// Where the provider is, likewise.
const PROVIDER_ABOVE: u16 = 100;
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
    configure(&mut config, folder.path(), args.port);
    let bound = server::Server::bind(&config).await?;
    let (address, operations) = (bound.public_address()?, bound.operations_address()?);
    let at = beside(args.port, PROVIDER_ABOVE);
    let door = tokio::net::TcpListener::bind(&at).await.context("no port for the provider")?;
    let urls = (format!("http://{}", door.local_addr()?), config.server.public_url.clone());

    let stop = server::stop_on_signal()?;
    let metrics = telemetry::start_metrics()?;
    let clock = Arc::new(SystemClock::days_behind(PAST));
    let store = boot::open_store(&config).await?;
    store.migrate().await?;
    let app = boot::app_by(Arc::clone(&clock), store, &config);
    app.open_catalogue().await?;
    let provider = DemoProvider::new(urls, Arc::<SystemClock>::clone(&clock), Arc::new(RandomIds))?;
    let stage = Stage { app, clock, provider, address, mails: config.mail.folder.clone() };
    let mailer = Mailer::new(&config.mail)?;
    let signing_in = tokio::spawn(serve_demo(door, stage.provider.clone(), stop.clone()));
    let mut serving = tokio::spawn(bound.run(stage.app.clone(), (metrics, mailer), stop.clone()));
    let operations = format!("http://{operations}");
    let shown = tokio::select! {
        biased;
        shown = show(&stage, &args, operations, &stop) => shown,
        served = &mut serving => return served.context("the server failed")?,
    };
    stop.cancel();
    serving.await.context("the server failed")??;
    signing_in.await.context("the demo's provider failed")??;
    shown?;
    say("countersign has stopped; the demo's database is deleted")
}

/// The demo needs no configuration, and takes none where its own folder and ports are concerned.
fn configure(config: &mut Config, folder: &Path, port: u16) {
    let file = folder.join("demo.db");
    config.database.url = SecretString::from(format!("sqlite://{}", file.display()));
    config.server.listen = format!("127.0.0.1:{port}");
    // Passkeys refuse addresses (DECISIONS.md 31).
    config.server.public_url = format!("http://localhost:{port}");
    config.server.operations_listen = beside(port, OPERATIONS_ABOVE);
    config.mail.transport = Transport::Folder;
    config.mail.folder = folder.join("mails");
    let key = format!("demo:{}", STANDARD.encode(RandomIds.secret()));
    config.secrets.keys = vec![SecretString::from(key)];
    config.sso.allow_http = true;
    config.sso.allow_private_networks = vec!["127.0.0.1/32".to_owned()];
}

/// Plays, reports, and stays until told to stop.
async fn show(
    stage: &Stage,
    args: &Args,
    operations: String,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    tokio::select! {
        played = play(stage, args, operations) => played.context("the demo met a surprise")?,
        () = stop.cancelled() => return Ok(()),
    }
    if !args.exit {
        line("Ctrl-C stops the demo and deletes its database.")?;
        stop.cancelled().await;
    }
    Ok(())
}

async fn play(stage: &Stage, args: &Args, operations: String) -> anyhow::Result<()> {
    let (users, groups) = (usize::try_from(args.users)?, usize::try_from(args.groups)?);
    let (otpauth, acme) = staff::set_up(stage).await?;
    stage.clock.catch_up();
    let token = acme.token.clone();
    let door = Door { base: stage.scim(cast::CUSTOMER.slug), token, operations };
    let client = stage.client(cast::CUSTOMER.slug, &door.token)?;
    say(&format!(
        "Syncing {users} users and {groups} groups into account `{}` over HTTP, as Entra ID does",
        cast::CUSTOMER.slug
    ))?;
    let plan =
        Plan { people: (0..users).map(Person::new).collect(), groups: groups::groups(groups) };
    let synced = entra::first_sync(&client, &plan).await?;
    report::speed(&synced)?;
    stage.welcome_customer(acme.account, users).await?;
    let rights = Rights::map(stage, &acme, (&plan, &synced)).await?;
    let directory = Directory { client: &client, plan: &plan, synced: &synced };
    let (mover, id) = directory.mover().await?;
    rights.explain(&mover, &id).await?;
    line("Incremental cycle:")?;
    line(&format!("  joiner  {}", directory.join().await?))?;
    line(&format!("  mover   {}", directory.change_department(&mover, &id).await?))?;
    line("On the next request after the move:")?;
    rights.explain(&mover, &id).await?;
    line(&format!("  leaver  {}", directory.leave().await?))?;
    report::holdings(&client).await?;
    let invited = stage.invite(acme.account).await?;
    report::invitation(&door)?;
    report::ways_in(stage, &otpauth, &invited)
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

/// So many ports above if that is free, else wherever the system likes.
fn beside(port: u16, above: u16) -> String {
    let wanted = port.checked_add(above).filter(|above| taken(*above).is_none());
    SocketAddr::from((Ipv4Addr::LOCALHOST, wanted.unwrap_or(0))).to_string()
}
