//! Recipients as CSV.

use axum::response::{IntoResponse as _, Response};

use crate::domain::records::pages::{Order, Wanted};
use crate::domain::users::people::{Filter, Kind, Person};
use crate::domain::users::properties::Property;
use crate::http::api::call::Call;
use crate::http::api::csv;
use crate::http::api::problem::Problem;

/// What is said of each, before their properties.
const COLUMNS: [&str; 8] = [
    "id",
    "user_name",
    "given_name",
    "family_name",
    "language",
    "email",
    "technical_notifications",
    "active",
];
/// How many are read at a time.
const BATCH: u32 = 1000;

/// All recipients that the caller may see, by userName.
pub(super) async fn recipients(call: &Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let defined = call.app.properties(&actor, account.id).await;
    let defined = defined.map_err(|error| call.fail(&error))?;
    let heads = COLUMNS.iter().copied().chain(defined.iter().map(|it| it.key.as_str()));
    let mut text = csv::line(heads);
    let filter = Filter { kind: Some(Kind::Recipient), ..Filter::default() };
    let order = Order { field: "user_name", is_descending: false };
    let mut wanted = Wanted { order, after: None, limit: BATCH };
    loop {
        let part = call.app.people(&actor, account.id, (&filter, &wanted)).await;
        let part = part.map_err(|error| call.fail(&error))?;
        for person in &part.items {
            text.push_str(&row(person, &defined));
        }
        wanted.after = part.next;
        if wanted.after.is_none() {
            break;
        }
    }
    Ok((csv::headers("recipients.csv"), text).into_response())
}

fn row(person: &Person, defined: &[Property]) -> String {
    let profile = &person.profile;
    let word = |is: bool| if is { "true" } else { "false" };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let own = [
        person.id.to_string(),
        profile.user_name.clone(),
        text(&profile.given_name),
        text(&profile.family_name),
        text(&profile.language),
        text(&profile.email),
        word(profile.technical_notifications).to_owned(),
        word(profile.active).to_owned(),
    ];
    let value = |property: &Property| {
        let found = person.properties.iter().find(|it| it.property == property.id);
        found.map_or("", |it| it.value.as_str())
    };
    csv::line(own.iter().map(String::as_str).chain(defined.iter().map(value)))
}
