//! S2: a user's access is individual: two users of one account, and two users who are one person, hold
//! what was given to each and nothing of the other's.

use axum::http::{StatusCode, header};
use countersign::domain::command::rights::RightsEdit;
use countersign::domain::ids::GrantId;
use countersign::domain::rights::sources::Place;
use serde_json::{Value, json};

use crate::accounts::Member;
use crate::rights::scene::{NOTHING, Scene, all_of, right, role};
use crate::scim::patch_op;

const OURS: &str = "urn:countersign:params:scim:schemas:extension:2.0:User";

impl Scene {
    /// The roles and rights of a user, as their identity provider reads them.
    async fn held(&self, of: &Member, user: &str) -> (Vec<String>, Vec<String>) {
        let asked = ["effectiveRoles", "effectiveRights"].map(|name| format!("{OURS}:{name}"));
        let path = format!("/Users/{user}?attributes={}", asked.join(","));
        let found = of.scim.get(&path).await.expect(StatusCode::OK).body[OURS].clone();
        (values(&found["effectiveRoles"]), values(&found["effectiveRights"]))
    }

    /// The tag that a copy of a user's rights has.
    async fn tag(&self, of: &Member, user: &str) -> String {
        let told = self.copy(&self.processes[0], (of, user), None).await.expect(StatusCode::OK);
        told.headers[header::ETAG].to_str().expect("text").to_owned()
    }

    async fn end(&self, of: &Member, grant: GrantId) {
        self.rights(of, RightsEdit::EndGrant(grant)).await;
    }
}

fn values(list: &Value) -> Vec<String> {
    let list = list.as_array().cloned().unwrap_or_default();
    list.iter().map(|it| it["value"].as_str().expect("a value").to_owned()).collect()
}

const OF_MEMBER: [&str; 4] =
    ["campaigns.read", "dashboards.read", "documents.read", "responses.read"];
const OF_WORKSPACES: [&str; 3] = ["documents.approve", "documents.read", "workspaces.manage"];

#[tokio::test]
async fn s2_two_users_of_one_account_hold_what_each_was_given_and_changing_one_leaves_the_other() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let (ann, bob) = (north.scim.user("ann").await, north.scim.user("bob").await);
    // Also side by side in a group that gives nothing.
    north.scim.group("Both", &[ann.clone(), bob.clone()]).await;
    let member = scene.grant(north, &ann, role("org-member"), Place::Account).await;
    scene.grant(north, &ann, right("dashboards.edit"), Place::Account).await;
    scene.grant(north, &bob, role("org-workspace-admin"), Place::Account).await;
    let (roles, rights) = scene.held(north, &ann).await;
    assert_eq!(roles, ["org-member"]);
    let mut wanted = [&OF_MEMBER[..], &["dashboards.edit"]].concat();
    wanted.sort_unstable();
    assert_eq!(rights, wanted);
    let bobs = scene.held(north, &bob).await;
    assert_eq!(bobs.0, ["org-workspace-admin"]);
    assert_eq!(bobs.1, OF_WORKSPACES);
    scene.end(north, member.id).await;
    let anns = scene.held(north, &ann).await;
    assert_eq!((anns.0, anns.1), (vec![], vec!["dashboards.edit".to_owned()]));
    assert_eq!(scene.held(north, &bob).await, bobs);
    for (user, key, why) in [
        (&ann, "dashboards.edit", &NOTHING[..]),
        (&ann, "dashboards.read", &["not_given"]),
        (&ann, "workspaces.manage", &["not_given"]),
        (&bob, "workspaces.manage", &[]),
        (&bob, "dashboards.edit", &["not_given"]),
    ] {
        assert_eq!(scene.why((north, user), key, all_of(north)).await, why, "{key}");
    }
}

#[tokio::test]
async fn s2_one_person_in_two_accounts_holds_in_each_what_was_given_there() {
    let scene = Scene::new().await;
    let (north, south) = (&scene.north, &scene.south);
    let (here, there) =
        (scene.person(north, "ann").await.user(), scene.person(south, "ann").await.user());
    let [one, other] = [here, there].map(|id| scene.uuid(id.uuid()));
    let join = format!(
        "UPDATE user_persons SET person_id = \
         (SELECT p.person_id FROM user_persons p WHERE p.user_id = {one}) WHERE user_id = {other}"
    );
    scene.test.database.run(&join).await;
    let (here, there) = (here.to_string(), there.to_string());
    let member = scene.grant(north, &here, role("org-member"), Place::Account).await;
    scene.grant(south, &there, role("org-workspace-admin"), Place::Account).await;
    scene.grant(south, &there, right("campaigns.edit"), Place::Account).await;
    let souths = scene.held(south, &there).await;
    let tag = scene.tag(south, &there).await;
    let norths = scene.held(north, &here).await;
    assert_eq!(
        (norths.0.concat(), norths.1.join(" ")),
        ("org-member".to_owned(), OF_MEMBER.join(" "))
    );
    assert_eq!(souths.0, ["org-workspace-admin"]);
    assert_eq!(souths.1, [&["campaigns.edit"], &OF_WORKSPACES[..]].concat());
    // What one of their users holds, none of the other's accounts hears of.
    for (home, user, place, key) in [
        (north, &here, south, "campaigns.edit"),
        (north, &here, north, "campaigns.edit"),
        (south, &there, north, "dashboards.read"),
        (south, &there, south, "dashboards.read"),
    ] {
        assert_eq!(scene.why((home, user), key, all_of(place)).await, ["not_given"]);
    }
    scene.end(north, member.id).await;
    let off = patch_op(&json!([{ "op": "replace", "path": "active", "value": false }]));
    north.scim.patch(&format!("/Users/{here}"), &off).await.expect(StatusCode::OK);
    assert_eq!(scene.held(north, &here).await, (vec![], vec![]));
    assert_eq!(scene.held(south, &there).await, souths);
    // Not even a copy became old.
    let same = scene.copy(&scene.processes[0], (south, &there), Some(&tag)).await;
    assert_eq!(same.status, StatusCode::NOT_MODIFIED);
    assert_eq!(scene.why((south, &there), "campaigns.edit", all_of(south)).await, NOTHING);
}
