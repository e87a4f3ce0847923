//! `/accounts/{account}/support-requests`: asks that a support user be let in (W6). What comes of it is an
//! approval request, read and signed where all of them are; what is asked here has nothing in common with
//! what is asked there, so it is asked elsewhere.

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::command::approvals::ApprovalEdit;
use crate::domain::persons::support::faults::SupportWrong;
use crate::domain::persons::support::grants::{Asked, Removal, SupportSpec};
use crate::domain::rights::faults::Wrong;
use crate::http::api::SEAT;
use crate::http::api::call::Call;
use crate::http::api::call::once::{Keeps, Wish};
use crate::http::api::problem::Problem;
use crate::http::api::rights::approvals::{body, change, command};
use crate::http::api::rights::{read_id, read_moment, show_by};
use crate::http::api::support::refuse;

const MEMBERS: &str = "`user`, `bundle`, `workspace`, `starts_at`, `ends_at`, `reason`";

/// Who is to be let in.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct New {
    user: String,
    bundle: String,
    workspace: Option<String>,
    starts_at: Option<String>,
    ends_at: Option<String>,
    reason: String,
}

/// Asks.
pub(in crate::http::api) async fn ask(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let new: New = call.json(MEMBERS)?;
    let mut faults = vec![];
    for (field, text) in [("user", &new.user), ("bundle", &new.bundle)] {
        if text.is_empty() {
            faults.push(Wrong::Missing.of(field, ""));
        }
    }
    let said = |text: &'_ str| (!text.is_empty()).then(|| text.to_owned());
    let (user, bundle) = (said(&new.user), said(&new.bundle));
    let unknown = Wrong::Support(SupportWrong::NoSupportUser);
    let user = read_id((user.as_deref(), "user"), unknown, &mut faults);
    let bundle = read_id((bundle.as_deref(), "bundle"), Wrong::UnknownBundle, &mut faults);
    let workspace = (new.workspace.as_deref(), "workspace");
    let workspace = read_id(workspace, Wrong::UnknownWorkspace, &mut faults);
    let starts_at = read_moment("starts_at", new.starts_at.as_deref(), &mut faults);
    let ends_at = read_moment("ends_at", new.ends_at.as_deref(), &mut faults);
    let (Some(user), Some(bundle), true) = (user, bundle, faults.is_empty()) else {
        return Err(refuse(&call, faults));
    };
    let spec = SupportSpec { user, bundle, workspace, starts_at, ends_at, reason: new.reason };
    let command = command(account.id, ApprovalEdit::AskSupport(spec));
    call.once(Keeps::Answer, Wish { actor, account, command }, asked_for).await
}

/// 202: nobody is let in yet. `Location` leads to the request.
async fn asked_for(call: Call, wish: Wish) -> Result<Response, Problem> {
    let slug = wish.account.slug.as_str().to_owned();
    let request = change(&call, &wish.actor, wish.command).await?;
    let place = format!("{SEAT}/accounts/{slug}/approval-requests/{}", request.id);
    Ok(call.accepted(&place, request.version.to_string(), &body(&request)))
}

/// What is asked for, as part of a request.
pub(in crate::http::api) fn asked(asked: &Asked) -> Value {
    json!({
        "user": asked.user.to_string(),
        "bundle": asked.bundle.to_string(),
        "workspace": asked.workspace.map(|it| it.to_string()),
        "starts_at": asked.period.starts_at.rfc3339(),
        "ends_at": asked.period.ends_at.rfc3339(),
        "by_customer": asked.by_customer,
        "mode": asked.mode.as_str(),
        "after_removal": asked.after.as_ref().map(removal),
    })
}

fn removal(it: &Removal) -> Value {
    json!({ "grant": it.grant.to_string(), "at": it.at.rfc3339(), "by": show_by(&it.by) })
}
