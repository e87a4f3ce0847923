//! What the server answers about support users is what its description says.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Scene, id};
use crate::api::openapi::schemas::fits;
use crate::api::people::{By, Person};

#[tokio::test]
async fn what_the_server_answers_about_support_is_what_it_describes() {
    let scene = Scene::new().await;
    let zoe = scene.director("zoe").await;
    let sam = scene.staff("sam", &["team:support", "function:csm"]).await;
    let group = scene.vendor.group("Support", &[id(&sam)]).await;
    let document = scene.seat.get(&By::Nobody, "/api/v1/openapi.json").await.body;
    let check = async |by: &Person, method: Method, path: &str, body: Value, described: &str| {
        let own = described.replace("{account}", "acme").replace("{id}", path);
        let answer = match method {
            Method::GET => scene.get(by, &own).await,
            _ => scene.send(by, method.clone(), &own, body).await,
        };
        let known = &document["paths"][described][method.as_str().to_lowercase()]["responses"];
        let known = &known[answer.status.as_str()]["content"]["application/json"]["schema"];
        if let Err(why) = fits(&document, known, &answer.body) {
            panic!("{method} {own}: {why}\n{}", answer.text);
        }
        assert!(answer.status.is_success(), "{}", answer.text);
        answer.body["id"].as_str().unwrap_or_default().to_owned()
    };
    let (get, post, put) = (Method::GET, Method::POST, Method::PUT);
    let none = || json!({});
    let new = json!({ "group": group, "team": "services" });
    let function = check(&zoe, post.clone(), "", new, "/staff/functions").await;
    check(&zoe, get.clone(), &function, none(), "/staff/functions/{id}").await;
    check(&zoe, get.clone(), "", none(), "/staff/functions").await;
    let new = json!({ "to": id(&sam), "ends_at": "2026-02-01T00:00:00Z" });
    let stand_in = check(&zoe, post.clone(), "", new, "/staff/delegations").await;
    check(&zoe, get.clone(), &stand_in, none(), "/staff/delegations/{id}").await;
    check(&zoe, get.clone(), "", none(), "/staff/delegations").await;
    let noted = json!({ "checked_on": "2025-12-01", "valid_until": "2027-12-01" });
    check(&zoe, put.clone(), &id(&sam), noted, "/staff/{id}/background-check").await;
    let ann = scene.administrator("ann").await;
    check(&ann, get.clone(), "", none(), "/accounts/{account}/support-users").await;
    check(&ann, get.clone(), &id(&sam), none(), "/accounts/{account}/support-users/{id}").await;
    check(&ann, get.clone(), "", none(), "/accounts/{account}/support-mode").await;
    let bundle = countersign::domain::rights::catalogue::bundle_id("reader").to_string();
    let max = scene.staff("max", &["function:psm"]).await;
    let wish = json!({ "user": id(&sam), "bundle": bundle, "reason": "x" });
    let asked = "/accounts/{account}/support-requests";
    let request = check(&zoe, post.clone(), "", wish, asked).await;
    let one = "/accounts/{account}/approval-requests/{id}";
    check(&ann, get.clone(), &request, none(), one).await;
    check(&ann, get.clone(), "", none(), "/accounts/{account}/approval-requests").await;
    let shown = scene.get(&ann, &one.replace("{account}", "acme").replace("{id}", &request)).await;
    let ballot = json!({ "digest": shown.body["digest"], "verdict": "approve" });
    let votes = "/accounts/{account}/approval-requests/{id}/votes";
    check(&max, post.clone(), &request, ballot, votes).await;
    let grants = "/accounts/{account}/support-grants";
    check(&ann, get.clone(), "", none(), grants).await;
    let listed = scene.get(&ann, &grants.replace("{account}", "acme")).await;
    let grant = listed.body["items"][0]["id"].as_str().expect("an id").to_owned();
    let one = "/accounts/{account}/support-grants/{id}";
    check(&ann, get.clone(), &grant, none(), one).await;
    let own = one.replace("{account}", "acme").replace("{id}", &grant);
    scene.delete(&ann, &own).await.expect(StatusCode::NO_CONTENT);
    check(&ann, get.clone(), &grant, none(), one).await;
    let closed = json!({ "mode": "closed" });
    check(&ann, put, "", closed, "/accounts/{account}/support-mode").await;
    let new = json!({ "slug": "globex", "name": "Globex", "csm": id(&sam) });
    check(&zoe, post, "", new, "/accounts").await;
    check(&ann, get, "", none(), "/accounts/{account}/team").await;
    let team = scene.get(&zoe, "/accounts/globex/team").await.expect(StatusCode::OK);
    let schema = json!({ "$ref": "#/components/schemas/AccountTeam" });
    fits(&document, &schema, &team.body).expect("it fits");
}
