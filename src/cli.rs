//! The command line: for the platform team, in words that a newcomer can work from.

mod accounts;
mod database;
mod output;
mod serve;
mod tokens;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::Config;

/// Identity provisioning with a second signature.
///
/// Countersign takes users and groups from customers' identity providers over SCIM 2.0.
/// Try it: `countersign demo`. Set it up: `account create`, `token create`, `serve`.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, propagate_version = true)]
pub struct Cli {
    /// The configuration file (TOML). Environment variables stand above it, for example
    /// `COUNTERSIGN_SERVER__LISTEN` above `[server] listen`.
    #[arg(long, short, global = true, env = "COUNTERSIGN_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
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
    let config = Config::load(cli.config.as_deref())?;
    match cli.command {
        Command::Serve(args) => serve::run(config, args).await,
        Command::Migrate(command) => database::migrate(config, command).await,
        Command::Account(command) => accounts::run(config, command).await,
        Command::Token(command) => tokens::run(config, command).await,
        Command::Doctor => database::doctor(config).await,
        Command::Config(database::ConfigCommand::Check) => database::show_config(&config),
    }
}
