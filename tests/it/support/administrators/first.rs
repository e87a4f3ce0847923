//! The first administrator of an account is named with it, and signed by a second person (S4, W2, M57).

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::{Scene, codes, id, refused};
use super::{name, user};
use crate::world::mailbox::Folder;

fn wish(csm: &str, email: &str) -> Value {
    json!({ "slug": "globex", "name": "Globex", "csm": csm, "first_administrator": {
        "user_name": "gil", "given_name": "Gil", "family_name": "First", "language": "fr",
        "email": email } })
}

#[tokio::test]
async fn w2_m57_the_first_administrator_waits_for_a_second_director() {
    let scene = Scene::new().await;
    let zoe = scene.director("zoe").await;
    let dan = user(&scene.vendor, "dan", "en").await;
    let dan = scene.sign_in(&dan).await;
    let cy = scene.staff("cy", &["function:csm"]).await;
    // Nobody else could sign yet.
    let alone = scene.post(&zoe, "/accounts", wish(&id(&cy), "gil@globex.example")).await;
    refused(&alone, "no-approver-exists");
    crate::api::sso::grant(&scene.seat, &dan, "function:psm").await;
    let made = scene.post(&zoe, "/accounts", wish(&id(&cy), "gil@globex.example")).await;
    made.expect(StatusCode::CREATED);
    let folder = Folder::new();
    let letters = folder.collect(&scene.seat.test.app).await;
    let mut to: Vec<String> = letters.iter().map(|it| name(&it.to)).collect();
    to.sort();
    assert_eq!(to, ["dan", "gil"], "a signature is wanted, and an invitation sent");
    let shown = async || {
        let shown = scene.get(&zoe, "/accounts/globex").await.expect(StatusCode::OK);
        shown.body["administrators"].as_str().expect("a word").to_owned()
    };
    assert_eq!(shown().await, "none");
    let list = scene.get(&dan, "/accounts/globex/approval-requests").await;
    let request = list.expect(StatusCode::OK).body["items"][0].clone();
    assert_eq!(
        (&request["state"], &request["requester"]["id"]),
        (&json!("pending"), &json!(id(&zoe)))
    );
    refused(&scene.sign("globex", &zoe, &request).await, "approver-not-requester");
    refused(&scene.sign("globex", &cy, &request).await, "approver-right");
    let signed = scene.sign("globex", &dan, &request).await.expect(StatusCode::OK);
    assert_eq!(signed.body["state"], "executed");
    assert_eq!(shown().await, "named");
    let actions = "SELECT action FROM activities WHERE account_id IN (SELECT id FROM accounts \
                   WHERE slug = 'globex') AND outcome = 'done' ORDER BY at, action";
    let all = scene.seat.test.database.texts(actions).await;
    for action in ["account.created", "user.created", "grant.given", "approval.requested"] {
        assert!(all.contains(&action.to_owned()), "{action}: {all:?}");
    }
}

/// M57: nor by the address of one of their users.
#[tokio::test]
async fn w2_m57_whoever_makes_an_account_is_not_its_first_administrator() {
    let scene = Scene::new().await;
    let zoe = user(&scene.vendor, "zoe", "en").await;
    let zoe = scene.sign_in(&zoe).await;
    crate::api::sso::grant(&scene.seat, &zoe, "function:csd").await;
    scene.director("dan").await;
    let cy = scene.staff("cy", &["function:csm"]).await;
    let own = scene.post(&zoe, "/accounts", wish(&id(&cy), "Zoe@Mail.Example")).await;
    refused(&own, "no-self-assignment");
    let wrong = scene.post(&zoe, "/accounts", wish(&id(&cy), "nobody")).await;
    let wrong = wrong.expect(StatusCode::BAD_REQUEST);
    assert_eq!(codes(&wrong), [("email", "wrong_address")]);
    let none = "SELECT count(*) FROM accounts WHERE slug = 'globex'";
    assert_eq!(scene.seat.test.database.number(none).await, 0);
}
