//! `/staff/{id}/background-check`: that somebody's background was checked (W8), noted by another.

use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::app::accounts::support::Made;
use crate::domain::command::support::SupportEdit;
use crate::domain::persons::support::faults::SupportWrong;
use crate::domain::persons::support::{Check, Day};
use crate::domain::rights::faults::{Fault, Wrong};
use crate::http::api::answer;
use crate::http::api::call::Call;
use crate::http::api::problem::{Kind, Problem};
use crate::http::api::support::{change, command, refuse};

/// A check.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Sent {
    checked_on: String,
    valid_until: String,
}

/// Notes it, in place of the one before.
pub(in crate::http::api) async fn note(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.home().await?;
    let sent: Sent = call.json("`checked_on`, `valid_until`")?;
    let mut faults = vec![];
    let checked_on = read_day(("checked_on", &sent.checked_on), &mut faults);
    let valid_until = read_day(("valid_until", &sent.valid_until), &mut faults);
    let (Some(checked_on), Some(valid_until)) = (checked_on, valid_until) else {
        return Err(refuse(&call, faults));
    };
    let check = Check { checked_on, valid_until };
    let command = command(&account, SupportEdit::NoteCheck(call.id()?, check));
    let Made::Check(user, check) = change(&call, &actor, command).await? else {
        return Err(call.problem(Kind::Internal));
    };
    Ok(answer(&json!({
        "user": user.to_string(),
        "checked_on": check.checked_on.as_str(),
        "valid_until": check.valid_until.as_str(),
    })))
}

fn read_day((field, text): (&'static str, &str), faults: &mut Vec<Fault>) -> Option<Day> {
    let day = Day::parse(text);
    if day.is_none() {
        let wrong =
            if text.is_empty() { Wrong::Missing } else { Wrong::Support(SupportWrong::Day) };
        faults.push(wrong.of(field, text));
    }
    day
}
