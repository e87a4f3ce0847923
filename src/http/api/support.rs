//! Who supports an account: the directory of support users (W4, W8), whom the account lets in (W11), who
//! looks after it. And `/staff`: what the operator's staff say of each other.

pub(super) mod checks;
pub(super) mod delegations;
pub(super) mod functions;
pub(super) mod grants;
pub(super) mod requests;

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Outcome;
use crate::app::accounts::support::Made;
use crate::app::accounts::support::lists::Listed;
use crate::domain::account::{Account, SupportMode};
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::command::accounts::{AccountChange, AccountEdit};
use crate::domain::command::support::{SupportChange, SupportEdit};
use crate::domain::persons::support::faults::SupportWrong;
use crate::domain::persons::support::{Day, Filter, Function, Functions, Team};
use crate::domain::records::pages::Wanted;
use crate::domain::rights::faults::{Fault, Wrong};
use crate::http::api::call::Call;
use crate::http::api::problem::{Kind, Problem};
use crate::http::api::query::{self, List, Sort};
use crate::http::api::texts::support::lack;
use crate::http::api::{accounts, answer};

const LIST: List =
    List { filters: &["team", "function", "name"], sorts: &[Sort::text("display_name")] };

/// Whom an account is to let in.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Mode {
    mode: String,
}

/// The support users who may be added, and what each lacks for it.
pub(super) async fn list(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let query = call.list_query(&LIST)?;
    let teams = Team::ALL.map(Team::as_str).to_vec();
    let functions = Function::ALL.map(Function::as_str).to_vec();
    let filter = Filter {
        team: query.params.parsed(&call, "team", query::Wrong::Word(teams), Team::parse)?,
        function: query.params.parsed(
            &call,
            "function",
            query::Wrong::Word(functions),
            Function::parse,
        )?,
        name: query.params.text("name").map(str::to_owned),
    };
    let wanted: &Wanted = &query.wanted;
    let part = call.app.support_users(&actor, account.id, (&filter, wanted)).await;
    let part = part.map_err(|error| call.fail(&error))?;
    Ok(call.page(&query, &part, |it| body(it, &call)))
}

/// One of them.
pub(super) async fn show(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let found = call.app.support_user(&actor, (account.id, call.id()?)).await;
    Ok(answer(&body(&found.map_err(|error| call.fail(&error))?, &call)))
}

/// Whom the account lets in.
pub(super) async fn mode(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let mode = call.app.support_mode(&actor, account.id).await;
    Ok(show_mode(mode.map_err(|error| call.fail(&error))?))
}

/// Lets in less, at once.
pub(super) async fn set_mode(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let sent: Mode = call.json("`mode`")?;
    let mode = SupportMode::parse(&sent.mode).ok_or_else(|| {
        let wrong =
            if sent.mode.is_empty() { Wrong::Missing } else { Wrong::Support(SupportWrong::Mode) };
        refuse(&call, vec![wrong.of("mode", &sent.mode)])
    })?;
    let if_match = accounts::if_match(&call);
    let what = AccountEdit::SetSupportMode(mode);
    let change = AccountChange { account: account.id, what, if_match };
    let done = call.app.change(&actor, Command::ChangeAccount(Box::new(change))).await;
    done.map_err(|error| call.fail(&error))?;
    Ok(show_mode(mode))
}

/// Who looks after the account.
pub(super) async fn team(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let team = call.app.account_team(&actor, account.id).await;
    let team = team.map_err(|error| call.fail(&error))?;
    let items = team.iter().map(|it| {
        json!({
            "function": it.function.as_str(),
            "user": it.user.to_string(),
            "display_name": it.display_name,
            "since": it.since.rfc3339(),
        })
    });
    Ok(answer(&json!({ "items": items.collect::<Vec<Value>>() })))
}

/// The command that changes something among staff.
fn command(account: &Account, what: SupportEdit) -> Command {
    Command::ChangeSupport(Box::new(SupportChange { account: account.id, what }))
}

/// What came of it.
async fn change(call: &Call, actor: &Actor, command: Command) -> Result<Made, Problem> {
    match call.app.change(actor, command).await {
        Ok(Outcome::Support(made)) => Ok(*made),
        Ok(_) => Err(call.problem(Kind::Internal)),
        Err(error) => Err(call.fail(&error)),
    }
}

/// The problem with these fields.
fn refuse(call: &Call, faults: Vec<Fault>) -> Problem {
    call.fail(&crate::app::Error::Fields(faults))
}

fn show_mode(mode: SupportMode) -> Response {
    answer(&json!({ "mode": mode.as_str() }))
}

fn body(it: &Listed, call: &Call) -> Value {
    let Functions { held, teams } = &it.user.functions;
    let lacks = it
        .lacks
        .iter()
        .map(|one| json!({ "code": one.code(), "detail": lack(*one, call.language()) }));
    json!({
        "id": it.user.user.to_string(),
        "display_name": it.user.display_name,
        "functions": held.iter().map(|one| one.as_str()).collect::<Vec<_>>(),
        "teams": teams.iter().map(|one| one.as_str()).collect::<Vec<_>>(),
        "employer": it.user.employer,
        "second_factor": it.user.has_factor,
        "background_check_until": it.user.checked_until.as_ref().map(Day::as_str),
        "sso_linked": it.user.has_sso,
        "ready": it.lacks.is_empty(),
        "lacks": lacks.collect::<Vec<Value>>(),
    })
}
