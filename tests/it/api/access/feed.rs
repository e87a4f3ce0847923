//! The feed of what may have changed: everything, perhaps twice, in pages that end.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use countersign::domain::command::rights::RightsEdit;
use countersign::domain::rights::sources::{Period, Place};
use serde_json::{Value, json};

use crate::api::access::scene::Scene;
use crate::scim::patch_op;

const PATH: &str = "/api/v1/accounts/acme/rights/changes";

/// What was told in one call.
struct Told {
    all: bool,
    users: BTreeSet<String>,
    next: String,
    more: bool,
}

impl Scene {
    async fn changes(&self, since: &str, limit: u32) -> Told {
        let answer = self.get(&format!("{PATH}?since={since}&limit={limit}")).await;
        let body = answer.expect(StatusCode::OK).body;
        let changes = body["changes"].as_array().expect("changes");
        let users = changes.iter().filter_map(|it| it["user"].as_str().map(str::to_owned));
        Told {
            all: changes.iter().any(|it| it["account"] == true),
            users: users.collect(),
            next: body["next"].as_str().expect("a cursor").to_owned(),
            more: body["more"].as_bool().expect("a word"),
        }
    }

    /// A cursor behind which nothing is told, since the overlap is over.
    async fn quiet(&self) -> String {
        self.seat.test.clock.advance_seconds(120);
        let begun = self.get(PATH).await.expect(StatusCode::OK).body;
        assert_eq!(begun["changes"], json!([{ "account": true }]), "whoever is new forgets all");
        self.seat.test.clock.advance_seconds(120);
        let told = self.changes(begun["next"].as_str().expect("a cursor"), 1000).await;
        assert!(!told.all && told.users.is_empty() && !told.more);
        told.next
    }
}

fn set(users: &[&String]) -> BTreeSet<String> {
    users.iter().map(|user| (*user).clone()).collect()
}

#[tokio::test]
async fn users_who_changed_and_members_who_came_or_left_are_told() {
    let scene = Scene::with_reader().await;
    let scim = scene.seat.scim.clone();
    let (bob, carl) = (scim.user("bob").await, scim.user("carl").await);
    let since = scene.quiet().await;
    let off = json!([{ "op": "replace", "path": "active", "value": false }]);
    scim.patch(&format!("/Users/{carl}"), &patch_op(&off)).await.expect(StatusCode::OK);
    let told = scene.changes(&since, 1000).await;
    assert_eq!((told.all, told.users), (false, set(&[&carl])));
    let path = format!("/Groups/{}", scene.group);
    let join = json!([{ "op": "add", "path": "members", "value": [{ "value": bob }] }]);
    scim.patch(&path, &patch_op(&join)).await.expect(StatusCode::NO_CONTENT);
    let told = scene.changes(&told.next, 1000).await;
    assert_eq!((told.all, told.users), (false, set(&[&bob, &carl])), "twice is allowed");
    let since = scene.quiet().await;
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "Team" }]);
    scim.patch(&path, &patch_op(&rename)).await.expect(StatusCode::NO_CONTENT);
    let told = scene.changes(&since, 1000).await;
    assert_eq!((told.all, told.users.len()), (false, 0), "a name gives nothing");
    let leave = json!([{ "op": "remove", "path": "members" }]);
    scim.patch(&path, &patch_op(&leave)).await.expect(StatusCode::NO_CONTENT);
    let told = scene.changes(&since, 1000).await;
    assert_eq!((told.all, told.users), (false, set(&[&bob, &scene.ann])), "whoever left");
    let new = scim.group("New", std::slice::from_ref(&carl)).await;
    let told = scene.changes(&since, 1000).await;
    assert!(told.users.contains(&carl), "a new group's members");
    let since = scene.quiet().await;
    scim.delete(&format!("/Groups/{new}")).await.expect(StatusCode::NO_CONTENT);
    assert!(scene.changes(&since, 1000).await.all, "what was mapped to it goes with a group");
}

#[tokio::test]
async fn a_change_of_what_groups_give_is_told_of_the_whole_account_once() {
    let scene = Scene::new().await;
    let scim = scene.seat.scim.clone();
    let inner = scim.group("Inner", &[]).await;
    let mut since = scene.quiet().await;
    let path = format!("/Groups/{}", scene.group);
    let nest = json!([{ "op": "add", "path": "members", "value": [{ "value": inner }] }]);
    for n in 0..3 {
        match n {
            0 => drop(scene.map("reader", Place::Account).await),
            1 => drop(scim.patch(&path, &patch_op(&nest)).await),
            _ => {
                let raise = "UPDATE accounts SET shape_version = shape_version + 1";
                scene.seat.test.database.run(raise).await;
            }
        }
        let told = scene.changes(&since, 1000).await;
        assert!(told.all, "{n}");
        since = told.next;
        let again = scene.changes(&since, 1000).await;
        assert!(!again.all, "{n}: told once");
        since = again.next;
    }
}

#[tokio::test]
async fn a_grant_is_told_of_its_user_alone_when_it_comes_and_when_it_ends() {
    let scene = Scene::new().await;
    scene.seat.scim.user("bob").await;
    let since = scene.quiet().await;
    let grant = scene.grant("data.export", Place::Account, Period::ALWAYS).await;
    let told = scene.changes(&since, 1000).await;
    assert_eq!((told.all, told.users), (false, set(&[&scene.ann])));
    let since = scene.quiet().await;
    scene.change(RightsEdit::EndGrant(grant)).await;
    let told = scene.changes(&since, 1000).await;
    assert_eq!((told.all, told.users), (false, set(&[&scene.ann])));
}

/// Commits overtake: what appears late, with an older id, is told as well.
#[tokio::test]
async fn what_becomes_visible_late_is_not_lost() {
    let scene = Scene::new().await;
    let bob = scene.seat.scim.user("bob").await;
    let since = scene.quiet().await;
    scene.seat.scim.user("later").await;
    let told = scene.changes(&since, 1000).await;
    // An activity made 50 seconds ago, whose transaction ended now.
    let now = countersign::domain::time::Clock::now(scene.seat.test.clock.as_ref()).micros();
    let at = now - 50_000_000;
    let id = format!("{:012x}7000800000000000000a", at / 1000).chars().take(32).collect::<String>();
    let (acme, bob_id) = (scene.id(&scene.seat.acme.to_string()), scene.id(&bob));
    let late = format!(
        "INSERT INTO activities (account_id, id, at, action, outcome, actor_kind, target_kind, \
         target_id) VALUES ({acme}, {}, {at}, 'user.patched', 'done', 'system', 'user', {bob_id})",
        scene.id(&id)
    );
    scene.seat.test.database.run(&late).await;
    let told = scene.changes(&told.next, 1000).await;
    assert!(told.users.contains(&bob), "{:?}", told.users);
}

#[tokio::test]
async fn pages_lead_through_everything_and_end() {
    let scene = Scene::new().await;
    let since = scene.quiet().await;
    let mut made = BTreeSet::new();
    for n in 0..25 {
        made.insert(scene.seat.scim.user(&format!("user-{n}")).await);
    }
    let (mut told, mut since, mut pages) = (BTreeSet::new(), since, 0);
    loop {
        let page = scene.changes(&since, 4).await;
        assert!(page.users.len() <= 4);
        told.extend(page.users);
        since = page.next;
        pages += 1;
        if !page.more {
            break;
        }
    }
    assert_eq!((told, pages), (made, 7));
}

#[tokio::test]
async fn above_a_thousand_users_on_a_page_all_are_told_to_be_forgotten() {
    let scene = Scene::new().await;
    let test = &scene.seat.test;
    crate::world::crowd::fill(&test.database).await.close().await.expect("closing");
    let group = scene.seat.scim.group("Large", &[]).await;
    let since = scene.quiet().await;
    let members: Vec<Value> =
        (1..=1_001).map(|n| json!({ "value": crate::world::crowd::user_id(n) })).collect();
    let join = json!([{ "op": "add", "path": "members", "value": members }]);
    let path = format!("/Groups/{group}");
    let done = scene.seat.scim.patch(&path, &patch_op(&join)).await;
    done.expect(StatusCode::NO_CONTENT);
    let told = scene.changes(&since, 1000).await;
    assert!(told.all && told.users.is_empty());
}

#[tokio::test]
async fn what_is_no_cursor_and_no_limit_is_refused() {
    let scene = Scene::new().await;
    for (query, code) in [
        ("since=x", "cursor"),
        ("since=", "cursor"),
        ("limit=0", "range"),
        ("limit=1001", "range"),
        ("limit=x", "range"),
        ("cursor=x", "unknown"),
    ] {
        let refused = scene.get(&format!("{PATH}?{query}")).await;
        assert_eq!(refused.status, 400, "{query}: {}", refused.text);
        assert_eq!(refused.body["errors"][0]["code"], code, "{}", refused.text);
    }
    assert_eq!(scene.get(&PATH.replace("acme", "nowhere")).await.status, 404);
}
