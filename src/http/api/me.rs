//! `/me`: who calls, and what they may change about themselves.

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::rights::who_has::Holder;
use crate::domain::account::Account;
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::command::people::{PeopleChange, PeopleEdit};
use crate::http::api::answer;
use crate::http::api::call::{Call, given};
use crate::http::api::problem::Problem;
use crate::http::api::sessions;

/// What is to be different.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Edit {
    #[serde(deserialize_with = "given")]
    #[expect(clippy::option_option, reason = "null takes the choice back (RFC 7396)")]
    language: Option<Option<String>>,
}

/// Who calls, in which account, and by which session.
pub(super) async fn show(call: Call) -> Result<Response, Problem> {
    let session = call.session()?;
    let who = call.app.portrait(session).await.map_err(|error| call.fail(&error))?;
    let accounts = call.app.accounts_of(std::slice::from_ref(session)).await;
    let accounts = accounts.map_err(|error| call.fail(&error))?;
    let administrators = call.app.administrators(session).await;
    let administrators = administrators.map_err(|error| call.fail(&error))?;
    let administrator =
        |it: &Holder| json!({ "id": it.user.to_string(), "display_name": it.display_name });
    let body = json!({
        "user": {
            "id": session.user.to_string(),
            "user_name": who.user_name,
            "display_name": who.display_name,
            "language": who.language,
        },
        "account": accounts.first().map(account),
        "administrators": administrators.iter().map(administrator).collect::<Vec<_>>(),
        "is_staff": session.is_staff,
        "session": sessions::body(session, session.id, accounts.first()),
    });
    Ok(answer(&body))
}

/// Has pages and mails speak to whoever calls in the language that they choose; null: in the one of their
/// record again (S11).
pub(super) async fn edit(call: Call) -> Result<Response, Problem> {
    let session = call.session()?;
    let edit: Edit = call.json("`language`")?;
    if let Some(language) = edit.language {
        let what = PeopleEdit::ChooseLanguage(session.user, language);
        let change = PeopleChange { account: session.account, what, if_match: None };
        let command = Command::ChangePeople(Box::new(change));
        let actor = Actor::User(session.signed_in());
        call.app.change(&actor, command).await.map_err(|error| call.fail(&error))?;
    }
    show(call).await
}

/// An account, in brief.
pub(super) fn account(account: &Account) -> Value {
    json!({
        "id": account.id.to_string(),
        "slug": account.slug.as_str(),
        "name": account.name,
    })
}
