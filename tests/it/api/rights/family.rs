//! S1 over REST: a parent's administrators work in its children, never the reverse, never sideways; what a
//! parent's groups give in its children is explained there.

use axum::http::{Method, StatusCode};
use countersign::domain::account::Kind;
use countersign::domain::ids::AccountId;
use serde_json::{Value, json};

use super::{codes, mapping, predefined, text};
use crate::api::people::{By, JSON, Person, Seat, sign_in, sso};
use crate::api::sso::grant;
use crate::world::TokenFor;
use crate::world::client::{Answer, Client};

/// A parent `mother` with children `elder` and `younger`, each with an administrator.
struct Family {
    seat: Seat,
    mother: Person,
    elder: Person,
    at_mother: Client,
    at_elder: Client,
}

impl Family {
    async fn new() -> Self {
        let seat = Seat::new().await;
        let mother = seat.test.account_among("mother", Kind::Parent, None).await;
        let elder = seat.test.account_among("elder", Kind::Child, Some(mother)).await;
        let younger = seat.test.account_among("younger", Kind::Child, Some(mother)).await;
        let (at_mother, mother) = administered(&seat, "mother", mother).await;
        let (at_elder, elder) = administered(&seat, "elder", elder).await;
        administered(&seat, "younger", younger).await;
        Self { seat, mother, elder, at_mother, at_elder }
    }

    async fn send(&self, by: &By, (method, path): (Method, &str), body: &Value) -> Answer {
        let path = format!("/api/v1/accounts/{path}");
        let body = (!body.is_null()).then(|| (JSON, body.to_string()));
        self.seat.call(by, method, &path, body).await
    }

    async fn get(&self, by: &By, path: &str) -> Answer {
        self.send(by, (Method::GET, path), &Value::Null).await
    }

    async fn post(&self, by: &By, path: &str, body: &Value) -> Answer {
        self.send(by, (Method::POST, path), body).await
    }
}

async fn administered(seat: &Seat, slug: &str, account: AccountId) -> (Client, Person) {
    let token = seat.test.token(slug, TokenFor::default()).await;
    let scim = seat.test.client(slug, &token);
    let user = scim.user("chief").await;
    let person = sign_in(&seat.test, account, &user, sso(true)).await;
    grant(seat, &person, "users.administer").await;
    (scim, person)
}

#[tokio::test]
async fn s1_a_parents_administrator_does_in_a_child_what_its_own_does() {
    let family = Family::new().await;
    let by = family.mother.by_cookie();
    let ann = family.at_elder.user("ann").await;
    let group = family.at_elder.group("Staff", std::slice::from_ref(&ann)).await;
    let groups = family.get(&by, "elder/groups").await.expect(StatusCode::OK);
    assert_eq!(groups.body["items"][0]["id"], json!(group));
    family.get(&by, "elder/catalogue").await.expect(StatusCode::OK);
    let made = family.post(&by, "elder/group-mappings", &mapping(&group, "reader")).await;
    let made = made.expect(StatusCode::CREATED);
    assert_eq!(made.body["created_by"]["id"], family.mother.session.user.to_string());
    let copy = json!({ "name": "Ours", "origin": predefined("reader") });
    let bundle = family.post(&by, "elder/bundles", &copy).await.expect(StatusCode::CREATED);
    let path = format!("elder/bundles/{}", bundle.id());
    let edit = json!({ "rights": [] });
    family.send(&by, (Method::PATCH, &path), &edit).await.expect(StatusCode::OK);
    let holders = family.get(&by, "elder/holders?right=campaigns.read").await;
    assert_eq!(holders.expect(StatusCode::OK).body["items"][0]["user"], json!(ann));
    // The child's own sees it all.
    let own = family.elder.by_cookie();
    assert_eq!(family.get(&own, &path).await.expect(StatusCode::OK).body["rights"], json!([]));
}

#[tokio::test]
async fn s1_a_child_reaches_neither_its_parent_nor_its_sister() {
    let family = Family::new().await;
    let by = family.elder.by_cookie();
    let nowhere = family.get(&by, "nowhere/groups").await.expect(StatusCode::NOT_FOUND);
    for slug in ["mother", "younger", "acme", "vendor"] {
        for resource in [
            "bundles",
            "roles",
            "groups",
            "group-mappings",
            "grants",
            "catalogue",
            "holders?right=campaigns.read",
        ] {
            let refused = family.get(&by, &format!("{slug}/{resource}")).await;
            assert_eq!(
                (refused.status, &refused.text),
                (nowhere.status, &nowhere.text),
                "{slug}/{resource}"
            );
        }
        for resource in ["bundles", "roles", "group-mappings", "grants"] {
            let refused = family.post(&by, &format!("{slug}/{resource}"), &json!({})).await;
            assert_eq!(
                (refused.status, &refused.text),
                (nowhere.status, &nowhere.text),
                "{slug}/{resource}"
            );
        }
    }
    // Nor do its groups give anything in other accounts.
    let group = family.at_elder.group("Staff", &[]).await;
    let mut children = mapping(&group, "reader");
    children["place"] = json!("children");
    let refused = family.post(&by, "elder/group-mappings", &children).await;
    assert_eq!(codes(&refused.expect(StatusCode::BAD_REQUEST)), [("place", "not_a_parent")]);
}

/// C1, C2: mapped in the parent, effective in both children, and explained with where it holds.
#[tokio::test]
async fn s1_c2_a_parents_group_gives_in_its_children_and_there_it_is_seen() {
    let family = Family::new().await;
    let by = family.mother.by_cookie();
    let pam = family.at_mother.user("pam").await;
    let group = family.at_mother.group("Support", std::slice::from_ref(&pam)).await;
    let mut children = mapping(&group, "recipient");
    children["place"] = json!("children");
    let tried = family.post(&by, "mother/group-mappings?dryRun=true", &children).await;
    let tried = tried.expect(StatusCode::OK).body;
    assert_eq!((&tried["users_gaining"], &tried["rights"][0]["times"]), (&json!(1), &json!(2)));
    let made = family.post(&by, "mother/group-mappings", &children).await;
    assert_eq!(made.expect(StatusCode::CREATED).body["place"], "children");
    let held = family.get(&by, &format!("mother/users/{pam}/rights")).await.expect(StatusCode::OK);
    let rights = held.body["rights"].as_array().expect("rights");
    assert_eq!(rights.len(), 6, "three in each: {}", held.text);
    let own = family.elder.by_cookie();
    let account = family.elder.session.account.to_string();
    let holders = family.get(&own, "elder/holders?right=dashboards.read").await;
    let holders = holders.expect(StatusCode::OK).body;
    assert_eq!(holders["items"], json!([]), "a parent's people are not for a child to see");
    let holders = family.get(&by, "elder/holders?right=dashboards.read").await;
    let holders = holders.expect(StatusCode::OK).body;
    let found = &holders["items"][0];
    assert_eq!(found["user"], json!(pam));
    assert_eq!(found["account"], family.mother.session.account.to_string());
    assert_eq!(text(&found["places"][0]["account"]), account);
    let path = format!("mother/users/{pam}/explanation?right=dashboards.read");
    let told = family.get(&by, &path).await.expect(StatusCode::OK).body;
    assert_eq!(told["held"].as_array().map(Vec::len), Some(2));
    assert_eq!(told["ways"][0]["groups"][0]["display_name"], "Support");
    let path = format!("elder/users/{pam}/explanation?right=dashboards.read");
    family.get(&own, &path).await.expect(StatusCode::NOT_FOUND);
}
