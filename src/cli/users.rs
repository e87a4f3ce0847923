//! `countersign user …`: links to choose a password. Whoever sends one neither sees it nor chooses the
//! password.

use crate::boot;
use crate::cli::output::say;
use crate::config::Config;
use crate::config::mail::Transport;
use crate::domain::account::Slug;
use crate::domain::actor::Actor;
use crate::domain::command::{Command, SendLink};
use crate::domain::passwords::links::Purpose;

#[derive(Debug, clap::Subcommand)]
pub(super) enum User {
    /// Mail a user a link to choose their first password; it works once, within 24 hours
    Invite(Whom),
    /// Mail a user a link to choose another password; it works once, within 30 minutes
    ResetPassword(Whom),
}

#[derive(Debug, clap::Args)]
pub(super) struct Whom {
    /// The account's name in URLs
    #[arg(long)]
    account: String,
    /// The user's userName
    #[arg(long)]
    user_name: String,
}

pub(super) async fn run(config: Config, command: User) -> anyhow::Result<()> {
    if config.mail.transport == Transport::None {
        anyhow::bail!(
            "no mail can be sent: mail.transport is `none`; set it to `smtp` or `folder`"
        );
    }
    let store = boot::open_current_store(&config).await?;
    let app = boot::app(store, &config);
    let (whom, purpose) = match command {
        User::Invite(whom) => (whom, Purpose::Invitation),
        User::ResetPassword(whom) => (whom, Purpose::Reset),
    };
    let slug = Slug::parse(&whom.account).map_err(anyhow::Error::msg)?;
    let account = app.account(&Actor::Platform, &slug).await?.id;
    let send = SendLink { account, user_name: whom.user_name, purpose };
    app.change(&Actor::Platform, Command::SendLink(send)).await?;
    say("The mail waits to be sent by a running `countersign serve`.")
}
