//! The first sync of a directory, request by request as Entra ID does it: for each user the match
//! query and the POST, then the manager references, then for each group the match query, the POST
//! without members, and the members in batches.

use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};

use crate::cli::demo::client::Client;
use crate::cli::demo::groups::Group;
use crate::cli::demo::people::{ENTERPRISE, Person};
use crate::cli::demo::progress::Progress;

/// Requests under way at once.
pub(super) const AT_ONCE: usize = 8;
/// Members in one PATCH.
const BATCH: usize = 100;

/// What a first sync brings.
pub(super) struct Plan {
    pub(super) people: Vec<Person>,
    pub(super) groups: Vec<Group>,
}

/// What it brought: the server's ids in the order of the plan, and what it took.
pub(super) struct Synced {
    pub(super) users: Vec<String>,
    pub(super) groups: Vec<String>,
    pub(super) memberships: usize,
    pub(super) requests: u64,
    pub(super) elapsed: Duration,
}

/// Plays it.
///
/// # Errors
/// At the first answer that is not as it should be.
pub(super) async fn first_sync(client: &Client, plan: &Plan) -> anyhow::Result<Synced> {
    let (started, before) = (Instant::now(), client.requests());
    let users = create_users(client, &plan.people).await?;
    set_managers(client, &plan.people, &users).await?;
    let groups = create_groups(client, plan, &users).await?;
    Ok(Synced {
        memberships: plan.groups.iter().map(|group| members(group, plan, &users).len()).sum(),
        users,
        groups,
        requests: client.requests() - before,
        elapsed: started.elapsed(),
    })
}

/// The match query, which must find nothing, and the POST; the new id.
pub(super) async fn create_user(client: &Client, person: &Person) -> anyhow::Result<String> {
    let filter = format!("userName eq {}", quoted(&person.user_name));
    client.find("/Users", &filter, "").await?.with("/totalResults", &json!(0))?;
    let body = person.body();
    let mut answer = client.post("/Users", &body).await?;
    for place in ["/userName", "/externalId", "/name", "/active", "/emails/0/value"] {
        answer = answer.with(place, body.pointer(place).unwrap_or(&Value::Null))?;
    }
    answer.text("/id")
}

/// Sets a manager, in the form without an object that Entra ID uses.
pub(super) async fn set_manager(client: &Client, id: &str, manager: &str) -> anyhow::Result<()> {
    let path = format!("{ENTERPRISE}:manager");
    let body = patch(&json!([{ "op": "Add", "path": path, "value": manager }]));
    let place = format!("/{ENTERPRISE}/manager/value");
    client.patch_user(id, &body).await?.with(&place, &json!(manager))?;
    Ok(())
}

/// Adds members to a group, or removes them.
pub(super) async fn change_members(
    client: &Client,
    op: &str,
    group: &str,
    members: &[String],
) -> anyhow::Result<()> {
    let value: Vec<Value> = members.iter().map(|id| json!({ "$ref": null, "value": id })).collect();
    let body = patch(&json!([{ "op": op, "path": "members", "value": value }]));
    client.patch_group(group, &body).await?;
    Ok(())
}

/// A PATCH body around operations.
pub(super) fn patch(operations: &Value) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations,
    })
}

/// A text as it stands in a filter (RFC 7644 §3.4.2.2: as in JSON).
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

async fn create_users(client: &Client, people: &[Person]) -> anyhow::Result<Vec<String>> {
    let progress = Progress::start("users", people.len());
    let ids = stream::iter(people)
        .map(async |person| {
            let id = create_user(client, person).await?;
            progress.advance(1)?;
            anyhow::Ok(id)
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    progress.end();
    Ok(ids)
}

async fn set_managers(client: &Client, people: &[Person], ids: &[String]) -> anyhow::Result<()> {
    let pairs: Vec<(&String, &String)> = people
        .iter()
        .zip(ids)
        .filter_map(|(person, id)| Some((id, ids.get(person.manager?)?)))
        .collect();
    let progress = Progress::start("managers", pairs.len());
    stream::iter(pairs)
        .map(anyhow::Ok)
        .try_for_each_concurrent(AT_ONCE, async |(id, manager)| {
            set_manager(client, id, manager).await?;
            progress.advance(1)
        })
        .await?;
    progress.end();
    Ok(())
}

async fn create_groups(
    client: &Client,
    plan: &Plan,
    users: &[String],
) -> anyhow::Result<Vec<String>> {
    let all = plan.groups.iter().map(|group| members(group, plan, users).len()).sum();
    let progress = Progress::start("memberships", all);
    let ids = stream::iter(&plan.groups)
        .map(async |group| {
            let id = create_group(client, group).await?;
            for batch in members(group, plan, users).chunks(BATCH) {
                change_members(client, "Add", &id, batch).await?;
                progress.advance(batch.len())?;
            }
            anyhow::Ok(id)
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    progress.end();
    Ok(ids)
}

async fn create_group(client: &Client, group: &Group) -> anyhow::Result<String> {
    let filter = format!("displayName eq {}", quoted(&group.name));
    let found = client.find("/Groups", &filter, "&excludedAttributes=members").await?;
    found.with("/totalResults", &json!(0))?;
    let created = client.post("/Groups", &group.body()).await?;
    created.with("/displayName", &json!(group.name))?.text("/id")
}

fn members(group: &Group, plan: &Plan, users: &[String]) -> Vec<String> {
    let all = plan.people.len();
    let inside = plan.people.iter().zip(users).filter(|(person, _)| group.holds(person, all));
    inside.map(|(_, id)| id.clone()).collect()
}
