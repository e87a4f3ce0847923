//! What the directory holds at the end, asked over SCIM and not remembered, and how to go on.

use secrecy::SecretString;
use serde_json::Value;

use crate::cli::demo::cast::{self, Staff};
use crate::cli::demo::client::Client;
use crate::cli::demo::entra::{AT_ONCE, Synced, quoted};
use crate::cli::demo::people::Person;
use crate::cli::demo::stage::{Invitation, Stage};
use crate::cli::output::{line, table};
use crate::domain::opaque;

/// How many of the largest groups are shown.
const SHOWN_GROUPS: usize = 5;
/// Groups on a page.
const PAGE: usize = 100;

/// Where the server is and how to get in.
pub(super) struct Door {
    pub(super) base: String,
    pub(super) token: String,
    pub(super) operations: String,
}

/// Prints what the directory holds.
///
/// # Errors
/// If an answer is not as it should be, or standard output is closed.
pub(super) async fn holdings(client: &Client) -> anyhow::Result<()> {
    let all = client.get("/Users?count=0").await?.number("/totalResults")?;
    let active = client.find("/Users", "active eq true", "&count=0").await?;
    let inactive = client.find("/Users", "active eq false", "&count=0").await?;
    let mut groups = sizes(client).await?;
    groups.sort_by(|(a, a_size), (b, b_size)| b_size.cmp(a_size).then(a.cmp(b)));
    line("The directory, read back over SCIM:")?;
    line(&format!(
        "  {all} users: {} active, {} inactive",
        active.number("/totalResults")?,
        inactive.number("/totalResults")?
    ))?;
    line(&format!("  {} groups, the largest:", groups.len()))?;
    let largest = groups.iter().take(SHOWN_GROUPS);
    let rows: Vec<Vec<String>> =
        largest.map(|(name, size)| vec![format!("    {size:>6}"), name.clone()]).collect();
    table(&rows)
}

/// Prints what the first sync took.
///
/// # Errors
/// If standard output is closed.
pub(super) fn speed(synced: &Synced) -> anyhow::Result<()> {
    let seconds = synced.elapsed.as_secs_f64();
    let rate = u128::from(synced.requests) * 1_000 / synced.elapsed.as_millis().max(1);
    let build = if cfg!(debug_assertions) { " (debug build; `--release` is faster)" } else { "" };
    line(&format!(
        "First sync: {} users, {} groups, {} memberships in {seconds:.1} s",
        synced.users.len(),
        synced.groups.len(),
        synced.memberships
    ))?;
    line(&format!(
        "  {} requests, {rate} a second, {AT_ONCE} at once, each answer checked{build}",
        synced.requests
    ))
}

/// Prints how to go on from here.
///
/// # Errors
/// If standard output is closed.
pub(super) fn invitation(door: &Door) -> anyhow::Result<()> {
    let filter = format!("userName eq {}", quoted(&Person::new(1).user_name));
    line("\nTo connect an identity provider, or for a second terminal:")?;
    line(&format!("  export BASE={}", door.base))?;
    line(&format!("  export TOKEN={}", door.token))?;
    line("List a user:")?;
    line("  curl -H \"Authorization: Bearer $TOKEN\" \"$BASE/Users?count=1\"")?;
    line("Find one:")?;
    line("  curl -H \"Authorization: Bearer $TOKEN\" -G \"$BASE/Users\" \\")?;
    line(&format!("    --data-urlencode 'filter={filter}'"))?;
    line(&format!("Metrics and health: {0}/metrics, {0}/readyz", door.operations))
}

/// Prints how people sign in, and as whom to try it.
///
/// # Errors
/// If standard output is closed.
pub(super) fn ways_in(
    stage: &Stage,
    otpauth: &SecretString,
    invited: &Invitation,
) -> anyhow::Result<()> {
    let (server, provider) = (&stage.app.settings().public_url, stage.provider.base());
    line(&format!("\nTo sign in, open {server}/login in a browser and write one of these:"))?;
    let administrator = cast::administrator();
    let row = |user_name: &str, what: String| vec![format!("  {user_name}"), what];
    let staff = |staff: &Staff, what: &str| {
        row(staff.user_name, format!("{}, {what}; with a code", staff.full_name()))
    };
    let [first, second] = &cast::APPROVERS;
    let (name, house) = (administrator.name(), cast::CUSTOMER.name);
    table(&[
        row(&administrator.user_name, format!("{name}, administrator of {house}")),
        staff(&cast::SUPPORTER, "support user of the operator"),
        staff(first, "approver"),
        staff(second, "approver"),
    ])?;
    line(
        "The demo's own identity provider then asks who you are, without a password. It also has",
    )?;
    line("somebody who left and somebody who was never provisioned: see how they are refused.")?;
    line(&format!("Codes are shown at {provider}/authenticator"))?;
    line(&format!("  or scanned by your own app ({}):", cast::SUPPORTER.full_name()))?;
    line(&format!("  {}", opaque::reveal(otpauth)))?;
    line(&format!("{} has no identity provider, but an invitation:", cast::INVITED.full_name()))?;
    line(&format!("  {}", opaque::reveal(&invited.link)))?;
    line(&format!("  as mailed: {}", invited.file.display()))
}

/// Every group with the number of its members.
async fn sizes(client: &Client) -> anyhow::Result<Vec<(String, u64)>> {
    let mut sizes = Vec::new();
    loop {
        let start = sizes.len() + 1;
        let path = format!("/Groups?attributes=displayName&startIndex={start}&count={PAGE}");
        let page = client.get(&path).await?;
        let groups = page.body.get("Resources").and_then(Value::as_array);
        let groups = groups.map(Vec::as_slice).unwrap_or_default();
        for at in 0..groups.len() {
            let id = page.text(&format!("/Resources/{at}/id"))?;
            let filter = format!("groups.value eq {}", quoted(&id));
            let members = client.find("/Users", &filter, "&count=0").await?;
            let name = page.text(&format!("/Resources/{at}/displayName"))?;
            sizes.push((name, members.number("/totalResults")?));
        }
        if groups.is_empty() || sizes.len() as u64 >= page.number("/totalResults")? {
            return Ok(sizes);
        }
    }
}
