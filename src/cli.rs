//! The command line: for the platform team, in words that a newcomer can work from.

mod accounts;
mod audit;
mod bootstrap;
mod catalogue;
mod database;
mod demo;
mod keys;
mod output;
mod policy;
mod product_keys;
mod rights;
mod secrets;
mod serve;
mod sso;
mod tokens;
mod users;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::app::change::origin;
use crate::config::{Config, FILE_VARIABLE};
use crate::domain::event::origin::{Door, Origin};

/// Identity provisioning with a second signature.
///
/// Countersign takes users and groups from customers' identity providers over SCIM 2.0, and signs them in.
/// Try it: `demo`. Provision: `account create`, `token create`, `serve`. Sign-in: set `secrets.keys`,
/// then `sso add`, `sso test`. The first approvers: `bootstrap`.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, propagate_version = true)]
pub struct Cli {
    /// The configuration file (TOML). Environment variables stand above it, for example
    /// `COUNTERSIGN_SERVER__LISTEN` above `[server] listen`.
    #[arg(long, short, global = true, env = FILE_VARIABLE, value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Try it: a server on a temporary database, a first sync and changes played into it
    Demo(demo::Args),
    /// Run the server until SIGTERM or Ctrl-C
    Serve(serve::Args),
    /// Bring the database's schema up to date, or take steps back
    #[command(subcommand)]
    Migrate(database::Migrate),
    /// Make and list accounts: the spaces of customer organisations
    #[command(subcommand)]
    Account(accounts::Account),
    /// Issue, list and revoke the bearer tokens of identity providers
    #[command(subcommand)]
    Token(tokens::Token),
    /// Set up single sign-on: an account's OIDC providers
    #[command(subcommand)]
    Sso(sso::Sso),
    /// Name the first two approvers, once: two of the operator's staff who confirm each other
    Bootstrap(bootstrap::Args),
    /// Look at and rotate what signs access tokens
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Look at and rotate the keys that seal secrets at rest
    #[command(subcommand)]
    Secrets(secrets::Secrets),
    /// Issue, list and revoke the keys by which your product calls this server
    #[command(subcommand)]
    ProductKey(product_keys::ProductKey),
    /// Check, compare and activate the catalogue of rights
    #[command(subcommand)]
    Catalogue(catalogue::CatalogueCommand),
    /// Say who has a right, and why
    #[command(subcommand)]
    Rights(rights::Rights),
    /// Read, try and explain the rules by which everything is decided
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Mail users without SSO a link to choose their password
    #[command(subcommand)]
    User(users::User),
    /// Prove what is on record, sign and export it, and erase what is personal of it
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Check that configuration, database and schema are in order
    Doctor,
    /// Look at the configuration
    #[command(subcommand)]
    Config(database::ConfigCommand),
}

/// Reads the arguments and does what they say.
///
/// # Errors
/// With a text for the person at the terminal.
pub async fn run() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let file = cli.config.as_deref();
    let config = match cli.command {
        // What the demo itself prints should not drown in one line for each request.
        Command::Demo(_) => Config::load_with_log_level(file, "warn")?,
        Command::Serve(_)
        | Command::Migrate(_)
        | Command::Account(_)
        | Command::Token(_)
        | Command::Sso(_)
        | Command::Bootstrap(_)
        | Command::Keys(_)
        | Command::Secrets(_)
        | Command::ProductKey(_)
        | Command::Catalogue(_)
        | Command::Rights(_)
        | Command::Policy(_)
        | Command::User(_)
        | Command::Audit(_)
        | Command::Doctor
        | Command::Config(_) => Config::load(file)?,
    };
    let done = Box::pin(cli.command.perform(config));
    origin::within(Origin::by(Door::Cli), done).await
}

impl Command {
    async fn perform(self, config: Config) -> anyhow::Result<()> {
        match self {
            Self::Demo(args) => demo::run(config, args).await,
            Self::Serve(args) => serve::run(config, args).await,
            Self::Migrate(command) => database::migrate(config, command).await,
            Self::Account(command) => accounts::run(config, command).await,
            Self::Token(command) => tokens::run(config, command).await,
            Self::Sso(command) => sso::run(config, command).await,
            Self::Bootstrap(args) => bootstrap::run(config, args).await,
            Self::Keys(command) => keys::run(config, command).await,
            Self::Secrets(command) => secrets::run(config, command).await,
            Self::ProductKey(command) => product_keys::run(config, command).await,
            Self::Catalogue(command) => catalogue::run(config, command).await,
            Self::Rights(command) => rights::run(config, command).await,
            Self::Policy(command) => policy::run(command),
            Self::User(command) => users::run(config, command).await,
            Self::Audit(command) => audit::run(config, command).await,
            Self::Doctor => database::doctor(config).await,
            Self::Config(database::ConfigCommand::Check) => database::show_config(&config),
        }
    }
}
