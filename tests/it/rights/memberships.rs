//! C1: groups of the identity provider give bundles and roles, in the account and in a workspace, and a
//! membership changed there has changed the rights of the next request, at every process.

use axum::http::{StatusCode, header};
use countersign::domain::rights::paths::Where;
use countersign::domain::rights::sources::{Gift, Place};
use serde_json::{Value, json};

use crate::accounts::Member;
use crate::rights::scene::{NOTHING, Scene, all_of, bundle, role, set_member, space_of};
use crate::scim::patch_op;
use crate::world::client::Answer;

const READ: &str = "dashboards.read";
const NOT_GIVEN: [&str; 1] = ["not_given"];

/// Somebody whose rights are looked at, and where.
struct Looked<'a> {
    scene: &'a Scene,
    at: Where,
    home: &'a Member,
    user: String,
}

impl Looked<'_> {
    /// Changes something and looks: the tag of a copy is old, what is listed is new, decisions too.
    async fn after(&self, change: impl Future<Output = ()>, expected: &[&str], of: &str) {
        let mut tags = vec![];
        for process in &self.scene.processes {
            let first = self.scene.copy(process, (self.home, &self.user), None).await;
            let tag = tag(&first.expect(StatusCode::OK));
            let same = self.scene.copy(process, (self.home, &self.user), Some(&tag)).await;
            assert_eq!(same.status, StatusCode::NOT_MODIFIED, "before {of}");
            tags.push((process, tag));
        }
        change.await;
        for (process, old) in tags {
            let new = self.scene.copy(process, (self.home, &self.user), Some(&old)).await;
            assert_ne!(tag(&new.expect(StatusCode::OK)), old, "after {of}");
        }
        let why = self.scene.why((self.home, &self.user), READ, self.at).await;
        assert_eq!(why, expected, "after {of}");
    }
}

fn tag(answer: &Answer) -> String {
    answer.headers[header::ETAG].to_str().expect("text").to_owned()
}

/// Replaces a group by one with these members.
async fn put(of: &Member, (path, name): (&str, &str), members: Value) {
    let body = json!({ "displayName": name, "members": members });
    of.scim.put(path, &body).await.expect(StatusCode::OK);
}

/// A bundle and a role in the account, a role in a workspace: as members come and go.
#[tokio::test]
async fn c1_a_membership_changed_at_the_identity_provider_counts_from_the_next_request_on() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let paris = scene.workspace(north, "Paris").await;
    let all: [(&str, Gift, Place, Where); 3] = [
        ("Bundled", bundle("reader"), Place::Account, all_of(north)),
        ("Members", role("org-member"), Place::Account, all_of(north)),
        ("Viewers", role("workspace-viewer"), Place::Workspace(paris), space_of(north, paris)),
    ];
    for (name, gift, place, at) in all {
        let user = north.scim.user(&format!("one of the {name}")).await;
        let group = north.scim.group(name, &[]).await;
        let mapped = scene.map(north, &group, gift, place).await;
        assert_eq!(mapped.created_by.id, scene.above.id());
        let looked = Looked { scene: &scene, at, home: north, user: user.clone() };
        assert_eq!(scene.why((north, &user), READ, at).await, NOT_GIVEN);
        let join = |is_in| set_member(north, &group, &user, is_in);
        looked.after(join(true), &NOTHING, "joining").await;
        looked.after(join(false), &NOT_GIVEN, "leaving").await;
        looked.after(join(true), &NOTHING, "joining again").await;
        let path = format!("/Groups/{group}");
        looked.after(put(north, (&path, name), json!([])), &NOT_GIVEN, "a PUT without").await;
        looked
            .after(put(north, (&path, name), json!([{ "value": user }])), &NOTHING, "a PUT with")
            .await;
        let delete = async { drop(north.scim.delete(&path).await) };
        looked.after(delete, &NOT_GIVEN, "the group's deletion").await;
    }
}

/// The same through a group in a group.
#[tokio::test]
async fn c1_a_membership_of_a_nested_group_counts_from_the_next_request_on() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let (user, inner) = scene.member(north, "ann").await;
    let middle = north.scim.group("Middle", std::slice::from_ref(&inner)).await;
    let outer = north.scim.group("Outer", &[]).await;
    scene.map(north, &outer, role("org-member"), Place::Account).await;
    let looked = Looked { scene: &scene, at: all_of(north), home: north, user: user.clone() };
    let (nest, join) = (
        |is_in| set_member(north, &outer, &middle, is_in),
        |is_in| set_member(north, &inner, &user, is_in),
    );
    looked.after(nest(true), &NOTHING, "nesting").await;
    looked.after(join(false), &NOT_GIVEN, "leaving").await;
    looked.after(join(true), &NOTHING, "joining").await;
    looked.after(nest(false), &NOT_GIVEN, "taking out").await;
}

/// Renaming a group changes nothing: mappings name it by its id.
#[tokio::test]
async fn c1_a_group_is_named_by_its_id_so_its_name_gives_nothing() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let (ann, readers) = scene.member(north, "ann").await;
    scene.map(north, &readers, bundle("reader"), Place::Account).await;
    let rename = patch_op(&json!([{ "op": "replace", "path": "displayName", "value": "Others" }]));
    north.scim.patch(&format!("/Groups/{readers}"), &rename).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(scene.why((north, &ann), READ, all_of(north)).await, NOTHING);
    let bob = north.scim.user("bob").await;
    north.scim.group("anns", std::slice::from_ref(&bob)).await;
    assert_eq!(scene.why((north, &bob), READ, all_of(north)).await, NOT_GIVEN);
}
