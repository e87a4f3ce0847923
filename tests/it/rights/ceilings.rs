//! S3: a recipient is a ceiling: whatever groups, roles and grants say, only what the catalogue marks for
//! recipients takes effect, and the explanation names the ceiling.

use std::collections::BTreeSet;

use countersign::domain::actor::Actor;
use countersign::domain::command::accounts::AccountEdit;
use countersign::domain::command::people::PeopleEdit;
use countersign::domain::ids::ResourceId;
use countersign::domain::rights::RightKey;
use countersign::domain::rights::catalogue::Catalogue;
use countersign::domain::rights::paths::{Standing, Stop};
use countersign::domain::rights::sources::Place;

use crate::accounts::{denied, recipient, spec};
use crate::rights::scene::{NOTHING, Scene, all_of, bundle, right, role, set_member, space_of};
use crate::world::browser::{password, sign_in};

/// What the shipped catalogue marks.
const SAFE: [&str; 3] = ["dashboards.read", "documents.read", "responses.read"];

impl Scene {
    /// A recipient of `north`, made by the command.
    async fn recipient(&self) -> ResourceId {
        let make = PeopleEdit::Create(recipient("rex"));
        self.human(&self.above, self.north.id, make).await.expect("a recipient").id
    }

    /// What a user of `north` effectively holds, or would once it is approved.
    async fn all_held(&self, user: &str) -> BTreeSet<String> {
        let whose = (self.north.id, user.parse().expect("an id"));
        let found = self.test.app.rights_of(&self.below, whose, None).await.expect("rights");
        let held = found.held.iter().filter(|(_, standing)| **standing != Standing::Stopped);
        held.map(|((right, _), _)| right.to_string()).collect()
    }

    /// Puts somebody into a group whom its identity provider does not know, and so cannot put there.
    async fn smuggle(&self, group: &str, user: &str) {
        set_member(&self.north, group, user, true).await;
        let members = self.north.scim.member_ids(group).await;
        assert!(!members.iter().any(|id| id == user), "{members:?}");
        let [group, user] =
            [group, user].map(|id| self.uuid(id.parse::<ResourceId>().expect("an id").uuid()));
        let account = self.uuid(self.north.id.uuid());
        let sql = format!(
            "INSERT INTO group_members (account_id, group_id, member_id, member_kind, valid_to, \
             valid_from) VALUES ({account}, {group}, {user}, 'User', {}, 0)",
            i64::MAX
        );
        self.test.database.run(&sql).await;
    }
}

#[tokio::test]
async fn s3_a_recipient_in_a_group_of_administrators_holds_what_recipients_may_and_nothing_more() {
    let scene = Scene::new().await;
    let (north, rex) = (&scene.north, scene.recipient().await.to_string());
    let (bob, admins) = scene.member(north, "bob").await;
    scene.smuggle(&admins, &rex).await;
    for gift in [bundle("administrator"), bundle("analyst"), role("org-workspace-admin")] {
        scene.map(north, &admins, gift, Place::Account).await;
    }
    let catalogue = Catalogue::shipped();
    let marked = catalogue.rights.iter().filter(|(_, it)| it.recipient_safe);
    assert_eq!(marked.map(|(key, _)| key.as_str()).collect::<Vec<_>>(), SAFE);
    assert_eq!(scene.all_held(&rex).await, SAFE.map(str::to_owned).into());
    let administrator = &catalogue.bundles["administrator"].rights;
    for key in administrator.iter().map(RightKey::as_str).chain(["dashboards.edit"]) {
        let why = scene.why((north, &rex), key, all_of(north)).await;
        assert_eq!(why[0], "recipient_ceiling", "{key}: {why:?}");
        let told = scene.explain((north, &rex), key, None).await;
        assert_eq!(told.held[&all_of(north)], Standing::Stopped, "{key}");
        for way in &told.ways {
            assert!(way.path.stops.contains(&Stop::RecipientCeiling), "{key}: {way:?}");
        }
    }
    // It is the ceiling: a user in the same group is stopped by no such thing.
    let bobs = scene.all_held(&bob).await;
    assert!(bobs.is_superset(&administrator.iter().map(ToString::to_string).collect()), "{bobs:?}");
    let may = scene.why((north, &bob), "recipients.administer", all_of(north)).await;
    assert_eq!(may, NOTHING);
}

#[tokio::test]
async fn s3_a_grant_of_what_recipients_may_not_hold_never_takes_effect() {
    let scene = Scene::new().await;
    let (north, rex) = (&scene.north, scene.recipient().await.to_string());
    let space = scene.workspace(north, "Paris").await;
    let catalogue = Catalogue::shipped();
    for (at, key) in catalogue.rights.keys().enumerate() {
        // In the account and in a workspace by turns.
        let (place, there) = if at % 2 == 0 {
            (Place::Account, all_of(north))
        } else {
            (Place::Workspace(space), space_of(north, space))
        };
        scene.grant(north, &rex, right(key.as_str()), place).await;
        let why = scene.why((north, &rex), key.as_str(), there).await;
        let is_safe = SAFE.contains(&key.as_str());
        assert_eq!(why.is_empty(), is_safe, "{key}: {why:?}");
        assert_eq!(why.first().is_some_and(|it| it == "recipient_ceiling"), !is_safe, "{key}");
    }
    scene.grant(north, &rex, role("workspace-owner"), Place::Workspace(space)).await;
    scene.grant(north, &rex, bundle("administrator"), Place::Account).await;
    assert_eq!(scene.all_held(&rex).await, SAFE.map(str::to_owned).into());
}

/// Holding the right to administer is stopped too, so a recipient's commands are refused.
#[tokio::test]
async fn s3_a_recipient_administers_nobody_and_sees_nothing_of_the_account() {
    let scene = Scene::new().await;
    let (north, rex) = (&scene.north, scene.recipient().await);
    for gift in [right("recipients.administer"), right("workspaces.manage")] {
        scene.grant(north, &rex.to_string(), gift, Place::Account).await;
    }
    let shown = sign_in(&scene.test, north.id, &rex.to_string(), password()).await;
    let actor = Actor::User(shown.expect("a session").session.signed_in());
    let make = scene.people(&actor, north.id, PeopleEdit::Create(recipient("new"))).await;
    assert_eq!(denied(make), "recipient-admins-only");
    let make = scene.people(&actor, north.id, PeopleEdit::Create(spec("new"))).await;
    assert_eq!(denied(make), "administrators-only");
    let make = AccountEdit::CreateWorkspace("X".to_owned());
    assert_eq!(denied(scene.edit(&actor, north.id, make).await), "workspace-admins-only");
    let seen = scene.test.app.workspaces(&actor, north.id).await;
    assert_eq!(denied(seen), "recipients-see-what-is-shared");
}
