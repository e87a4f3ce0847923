//! Random users and groups, made through the API so that columns, rows and documents are what the
//! server makes of them.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::world::client::Client;
use crate::world::database::TestDatabase;
use crate::world::gifts::{self, Gifts, To};
use crate::world::random::Random;
use countersign::scim::schema::{
    Attribute, COUNTERSIGN_USER, ENTERPRISE_USER, Mutability, ResourceKind, Returned, Type,
};

/// Texts that are easily compared wrongly.
pub(super) const WORDS: [&str; 40] = [
    "",
    "a",
    "A",
    "ab",
    "Ab",
    "aB",
    "abc",
    "work",
    "Work",
    "WORK",
    "home",
    "other",
    "straße",
    "STRASSE",
    "Straße",
    "İstanbul",
    "istanbul",
    "ı",
    "é",
    "e\u{301}",
    "É",
    "E\u{301}",
    "\u{301}",
    "ÅNGSTRÖM",
    "å",
    "100%",
    "100",
    "_",
    "a_b",
    "a%b",
    "\\",
    "a\\b",
    "\"",
    "say \"hi\"",
    "'",
    "O'Brien",
    "日本",
    "𝒳y",
    "true",
    "null",
];

/// Makes users and groups, and changes some: between 30 and 60 stay.
pub(super) async fn fill(scim: &Client, random: &mut Random) {
    let mut users = Vec::new();
    for n in 0..24 + random.below(16) {
        let answer = scim.post("/Users", &user(random, n)).await.expect(StatusCode::CREATED);
        users.push(answer.id());
    }
    let mut groups = Vec::new();
    for n in 0..8 + random.below(8) {
        let mut body = document(ResourceKind::Group, random, 40);
        body.insert("displayName".to_owned(), format!("{} {n}", random.pick(&WORDS)).into());
        let mut members = some_of(&users, random, 5);
        members.extend(some_of(&groups, random, 2));
        let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
        body.insert("members".to_owned(), members.into());
        let answer = scim.post("/Groups", &Value::Object(body)).await;
        groups.push(answer.expect(StatusCode::CREATED).id());
    }
    disturb(scim, random, (&users, &groups)).await;
}

/// Rights for all directories, and what the catalogue predefines out of them.
pub(super) async fn predefine(database: &TestDatabase) {
    gifts::clear(database).await;
    let gifts = Gifts::predefined(database);
    for (key, privileged) in [("a", false), ("a_b", false), ("ab.c", true), ("other", true)] {
        gifts.right(key, privileged).await;
    }
    let bundle = gifts.bundle("Work", Some("work"), &["a", "ab.c"]).await;
    gifts.role("Other", Some("other"), bundle).await;
}

/// Gives the groups something.
pub(super) async fn give(database: &TestDatabase, slug: &str, scim: &Client) {
    let groups = scim.get("/Groups?excludedAttributes=members").await.ids();
    let gifts = Gifts::of(database, slug);
    let small = gifts.bundle("A B", None, &["a_b"]).await;
    let large = gifts.bundle("É", None, &["a", "a_b", "other"]).await;
    let role = gifts.role("Straße", None, large).await;
    let places = [None, Some(gifts.workspace("one").await), Some(gifts.workspace("two").await)];
    let all = [("bundle", small), ("role", role), ("bundle", large)];
    for (n, group) in groups.iter().enumerate().filter(|(n, _)| n % 2 == 0) {
        gifts.map(To::Group(group), all[n / 2 % 3], places[n / 2 % 3]).await;
    }
    let predefined = Gifts::predefined(database);
    let id = |table: &'static str| predefined.id_of(table);
    gifts.map(To::Group(&groups[1]), ("bundle", id("bundles").await), None).await;
    gifts.map(To::Group(&groups[3]), ("role", id("roles").await), None).await;
}

/// Changes that leave traces: versions above one, ended memberships, tombstones, circles.
async fn disturb(scim: &Client, random: &mut Random, (users, groups): (&[String], &[String])) {
    let (first, last) = (&groups[0], &groups[groups.len() - 1]);
    add_member(scim, first, last).await;
    for group in some_of(groups, random, 4) {
        let path = format!("members[value eq \"{}\"]", random.pick(users));
        let patch = json!({ "Operations": [{ "op": "remove", "path": path }] });
        scim.patch(&format!("/Groups/{group}"), &patch).await.expect(StatusCode::NO_CONTENT);
        add_member(scim, &group, random.pick::<String>(users)).await;
    }
    for (n, id) in some_of(users, random, 6).iter().enumerate() {
        let body = user(random, 1000 + n);
        scim.put(&format!("/Users/{id}"), &body).await.expect(StatusCode::OK);
    }
    for id in some_of(users, random, 4) {
        let active = random.chance(50);
        let patch =
            json!({ "Operations": [{ "op": "replace", "path": "active", "value": active }] });
        scim.patch(&format!("/Users/{id}"), &patch).await.expect(StatusCode::OK);
    }
    scim.delete(&format!("/Users/{}", random.pick(users))).await.expect(StatusCode::NO_CONTENT);
    scim.delete(&format!("/Groups/{}", groups[1])).await.expect(StatusCode::NO_CONTENT);
}

async fn add_member(scim: &Client, group: &str, member: &str) {
    let value = json!([{ "value": member }]);
    let patch = json!({ "Operations": [{ "op": "add", "path": "members", "value": value }] });
    scim.patch(&format!("/Groups/{group}"), &patch).await.expect(StatusCode::NO_CONTENT);
}

fn user(random: &mut Random, n: usize) -> Value {
    let mut body = document(ResourceKind::User, random, 35);
    body.insert("userName".to_owned(), format!("u{n}-{}.", random.pick(&WORDS)).into());
    if random.chance(20) {
        body.insert("active".to_owned(), false.into());
    }
    for urn in [ENTERPRISE_USER, COUNTERSIGN_USER] {
        let extension = ResourceKind::User.schema().extension(urn).expect("an extension");
        let attributes = object(&extension.attributes, random, 40);
        body.insert(urn.to_owned(), Value::Object(attributes));
    }
    // Unknown to every schema: stored, and not filterable (DECISIONS 20).
    body.insert("urn:example:params:scim:schemas:x".to_owned(), json!({ "department": "a" }));
    Value::Object(body)
}

fn document(kind: ResourceKind, random: &mut Random, percent: usize) -> Map<String, Value> {
    let mut body = object(&kind.schema().attributes, random, percent);
    for server_made in ["schemas", "id", "meta", "groups", "members", "password"] {
        body.remove(server_made);
    }
    body
}

fn object(attributes: &[Attribute], random: &mut Random, percent: usize) -> Map<String, Value> {
    let mut object = Map::new();
    for attribute in attributes {
        let is_ours =
            attribute.mutability == Mutability::ReadOnly || attribute.returned == Returned::Never;
        if is_ours || !random.chance(percent) {
            continue;
        }
        let value = if attribute.multi_valued {
            (0..random.below(4)).map(|_| value(attribute, random)).collect()
        } else {
            value(attribute, random)
        };
        object.insert(attribute.name.clone(), value);
    }
    object
}

fn value(attribute: &Attribute, random: &mut Random) -> Value {
    match attribute.kind {
        Type::Boolean => random.chance(50).into(),
        Type::Integer => random.below(5).into(),
        Type::Decimal => json!(0.5),
        Type::DateTime => "2026-01-31T12:00:00Z".into(),
        Type::Binary => (*random.pick(&["YQ==", "Yg==", "YWI="])).into(),
        Type::Complex => Value::Object(object(&attribute.sub_attributes, random, 60)),
        Type::String | Type::Reference => (*random.pick(&WORDS)).into(),
    }
}

fn some_of(from: &[String], random: &mut Random, most: usize) -> Vec<String> {
    if from.is_empty() {
        return vec![];
    }
    let mut some: Vec<String> =
        (0..random.below(most + 1)).map(|_| random.pick(from).clone()).collect();
    some.sort();
    some.dedup();
    some
}
