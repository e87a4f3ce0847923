//! Who makes customers' accounts, and who looks after them (W1, W2).

use axum::http::{StatusCode, header};
use countersign::app::Error;
use countersign::domain::account::{Kind, Slug};
use countersign::domain::actor::Actor;
use countersign::domain::command::{Command, CreateAccount};
use serde_json::{Value, json};

use super::{Scene, codes, id, refused};

const ACCOUNTS: &str = "/accounts";

fn wish(slug: &str, csm: &str) -> Value {
    json!({ "slug": slug, "name": "Globex", "csm": csm })
}

#[tokio::test]
async fn w1_a_director_or_whoever_stands_in_makes_a_customers_account_and_nobody_else() {
    let scene = Scene::new().await;
    let zoe = scene.director("zoe").await;
    let cy = scene.staff("cy", &["function:csm", "team:customer_success"]).await;
    let made = scene.post(&zoe, ACCOUNTS, wish("globex", &id(&cy))).await;
    let made = made.expect(StatusCode::CREATED);
    assert_eq!(made.headers[header::LOCATION], "/api/v1/accounts/globex");
    assert_eq!((&made.body["slug"], &made.body["kind"]), (&json!("globex"), &json!("standard")));
    let team = scene.get(&zoe, "/accounts/globex/team").await.expect(StatusCode::OK);
    let items = team.body["items"].as_array().expect("a list");
    assert_eq!(items.len(), 1);
    assert_eq!((&items[0]["function"], &items[0]["user"]), (&json!("csm"), &json!(id(&cy))));
    assert_eq!(items[0]["display_name"], "cy");
    assert_eq!(scene.activities("account.created", "done").await, 3);
    let twice = scene.post(&zoe, ACCOUNTS, wish("globex", &id(&cy))).await;
    twice.expect(StatusCode::CONFLICT);
    // Whoever stands in.
    let max = scene.staff("max", &["function:csd_delegate"]).await;
    scene.post(&max, ACCOUNTS, wish("initech", &id(&cy))).await.expect(StatusCode::CREATED);
    let ann = scene.administrator("ann").await;
    crate::api::sso::grant(&scene.seat, &ann, "function:csd").await;
    let others = ["function:csm", "function:psm", "function:onboarding_pm", "team:services"];
    let sam = scene.staff("sam", &others).await;
    for by in [&cy, &sam, &ann] {
        refused(&scene.post(by, ACCOUNTS, wish("umbrella", &id(&zoe))).await, "accounts-by-csd");
    }
    scene.seat.test.clock.advance_seconds(601);
    let stale = scene.post(&zoe, ACCOUNTS, wish("umbrella", &id(&cy))).await;
    stale.expect(StatusCode::UNAUTHORIZED);
    let accounts = "SELECT count(*) FROM accounts";
    assert_eq!(scene.seat.test.database.number(accounts).await, 4);
}

/// M57: nor under another of their users' names.
#[tokio::test]
async fn w2_m57_whoever_makes_an_account_is_not_in_its_team() {
    let scene = Scene::new().await;
    let zoe = scene.staff("zoe", &["function:csd", "function:csm"]).await;
    let pat = scene.staff("pat", &["function:onboarding_pm"]).await;
    let cy = scene.staff("cy", &["function:csm"]).await;
    refused(&scene.post(&zoe, ACCOUNTS, wish("globex", &id(&zoe))).await, "no-self-assignment");
    let mut body = wish("globex", &id(&cy));
    body["onboarding_pm"] = json!(id(&zoe));
    refused(&scene.post(&zoe, ACCOUNTS, body.clone()).await, "no-self-assignment");
    // Another user with the same address may be the same human (DECISIONS.md 6).
    let mails = |id: &str| {
        let patch = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "add", "path": "emails",
                "value": [{ "value": "zoe@vendor.example" }] }] });
        (format!("/Users/{id}"), patch)
    };
    let twin = scene.staff("twin", &["function:csm"]).await;
    for person in [&zoe, &twin] {
        let (path, patch) = mails(&id(person));
        assert!(scene.vendor.patch(&path, &patch).await.status.is_success());
    }
    refused(&scene.post(&zoe, ACCOUNTS, wish("globex", &id(&twin))).await, "no-self-assignment");
    body["onboarding_pm"] = json!(id(&pat));
    scene.post(&zoe, ACCOUNTS, body).await.expect(StatusCode::CREATED);
    let team = scene.get(&cy, "/accounts/globex/team").await.expect(StatusCode::OK);
    assert_eq!(team.body["items"].as_array().map(Vec::len), Some(2), "{}", team.text);
}

#[tokio::test]
async fn w2_the_team_is_named_and_is_what_it_is_named_for() {
    let scene = Scene::new().await;
    let zoe = scene.director("zoe").await;
    let sam = scene.staff("sam", &["function:support"]).await;
    let cy = scene.staff("cy", &["function:csm"]).await;
    for (body, wrong) in [
        (json!({ "slug": "globex", "name": "Globex" }), vec![("csm", "missing")]),
        (wish("globex", &id(&sam)), vec![("csm", "not_of_that_function")]),
        (wish("globex", "x"), vec![("csm", "not_of_that_function")]),
        (wish("No Slug", &id(&cy)), vec![("slug", "wrong_slug")]),
        (
            json!({ "slug": "globex", "name": "", "kind": "operator", "csm": id(&cy) }),
            vec![("name", "missing"), ("kind", "wrong_kind")],
        ),
        (
            json!({ "slug": "globex", "name": "G", "parent": "nowhere", "csm": id(&cy) }),
            vec![("parent", "unknown_parent")],
        ),
        (
            json!({ "slug": "globex", "name": "G", "csm": id(&cy), "onboarding_pm": id(&cy) }),
            vec![("onboarding_pm", "not_of_that_function")],
        ),
    ] {
        let answer = scene.post(&zoe, ACCOUNTS, body).await.expect(StatusCode::BAD_REQUEST);
        assert_eq!(codes(&answer), wrong);
    }
    let parent = json!({ "slug": "north", "name": "North", "kind": "parent", "csm": id(&cy) });
    scene.post(&zoe, ACCOUNTS, parent).await.expect(StatusCode::CREATED);
    let child = json!({ "slug": "south", "name": "South", "parent": "north", "csm": id(&cy) });
    let child = scene.post(&zoe, ACCOUNTS, child).await.expect(StatusCode::CREATED);
    assert_eq!(child.body["kind"], "child");
}

/// W1: the command line makes customers' accounts until there is an active director, and then no more.
#[tokio::test]
async fn w1_the_command_line_makes_no_customers_account_once_there_is_a_director() {
    let scene = Scene::new().await;
    let make = async |slug: &str| {
        let slug = Slug::parse(slug).expect("a slug");
        let name = "Globex".to_owned();
        let create = CreateAccount {
            slug,
            name,
            kind: Kind::Standard,
            parent: None,
            team: None,
            first_administrator: None,
        };
        scene.seat.test.app.change(&Actor::Platform, Command::CreateAccount(create)).await
    };
    make("before").await.expect("there is nobody else to make it");
    let zoe = scene.director("zoe").await;
    let refused = make("after").await.expect_err("it is a director's");
    let Error::Denied { rule, reason } = refused else { panic!("{refused:?}") };
    assert_eq!(rule, "accounts-by-csd");
    assert!(reason.contains("customer success director") && reason.contains("command line"));
    let gone = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "active", "value": false }] });
    let path = format!("/Users/{}", id(&zoe));
    assert!(scene.vendor.patch(&path, &gone).await.status.is_success());
    make("again").await.expect("nobody is left to make it");
}
