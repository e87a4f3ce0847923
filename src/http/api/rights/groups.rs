//! `/accounts/{account}/groups`: the account's groups as its connections sent them, for whoever maps them.

use axum::response::Response;
use serde_json::{Value, json};

use crate::domain::groups::{Filter, Listed};
use crate::domain::ids::ConnectionId;
use crate::http::api::answer;
use crate::http::api::call::Call;
use crate::http::api::problem::Problem;
use crate::http::api::query::{List, Sort, Wrong};

const LIST: List = List {
    filters: &["display_name", "external_id", "connection"],
    sorts: &[Sort::text("display_name")],
};

/// The account's, whichever connection owns them.
pub(in crate::http::api) async fn list(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let query = call.list_query(&LIST)?;
    let read = |text: &str| text.parse::<ConnectionId>().ok();
    let filter = Filter {
        display_name: query.params.text("display_name").map(str::to_owned),
        external_id: query.params.text("external_id").map(str::to_owned),
        connection: query.params.parsed(&call, "connection", Wrong::Id, read)?,
    };
    let part = call.app.groups(&actor, account.id, (&filter, &query.wanted)).await;
    let part = part.map_err(|error| call.fail(&error))?;
    Ok(call.page(&query, &part, body))
}

/// One of them.
pub(in crate::http::api) async fn show(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let found = call.app.group(&actor, (account.id, call.id()?)).await;
    Ok(answer(&body(&found.map_err(|error| call.fail(&error))?)))
}

fn body(group: &Listed) -> Value {
    json!({
        "id": group.id.to_string(),
        "display_name": group.display_name,
        "external_id": group.external_id,
        "connection": { "id": group.connection.to_string(), "name": group.connection_name },
        "nested_in": group.nested_in.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "mappings": group.mappings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "created_at": group.created_at.rfc3339(),
        "updated_at": group.updated_at.rfc3339(),
    })
}
