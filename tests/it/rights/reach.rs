//! S1: who governs whom, by the commands themselves; what is seen of whom is in `unseen.rs`.

use countersign::app::rights::Made;
use countersign::domain::actor::Actor;
use countersign::domain::command::people::{PeopleEdit, PersonEdit};
use countersign::domain::command::rights::RightsEdit;
use countersign::domain::rights::sources::{Mapping, MappingEdit, Place};

use crate::accounts::{Member, denied, recipient, spec};
use crate::rights::scene::{NOTHING, Scene, all_of, bundle, mapping};

const READ: &str = "dashboards.read";

/// What there is in an account for others to reach for.
struct Things<'a> {
    of: &'a Member,
    user: String,
    group: String,
    mapping: Mapping,
}

impl Things<'_> {
    /// The rules by which somebody is refused who tries all there is to do with people and mappings.
    async fn refused(&self, scene: &Scene, by: &Actor) -> Vec<&'static str> {
        let user = self.user.parse().expect("an id");
        let mut rules = vec![];
        for what in [
            PeopleEdit::Create(spec("new")),
            PeopleEdit::Create(recipient("new")),
            PeopleEdit::Edit(user, PersonEdit { active: Some(false), ..PersonEdit::default() }),
            PeopleEdit::Delete(user),
        ] {
            rules.push(denied(scene.people(by, self.of.id, what).await));
        }
        let pause = MappingEdit { paused: Some(true), ..MappingEdit::default() };
        for what in [
            RightsEdit::Map(mapping(&self.group, bundle("analyst"), Place::Account)),
            RightsEdit::EditMapping(self.mapping.id, pause),
            RightsEdit::Unmap(self.mapping.id),
        ] {
            rules.push(denied(scene.try_rights(by, self.of.id, what).await));
        }
        rules
    }
}

async fn things<'a>(scene: &Scene, of: &'a Member) -> Things<'a> {
    let (_, group) = scene.member(of, "ada").await;
    let mapping = scene.map(of, &group, bundle("reader"), Place::Account).await;
    let made = PeopleEdit::Create(spec("made"));
    let user = scene.human(&scene.above, of.id, made).await.expect("a user").id.to_string();
    Things { of, user, group, mapping }
}

#[tokio::test]
async fn s1_a_parents_administrator_manages_users_recipients_and_mappings_of_its_children() {
    let scene = Scene::new().await;
    for child in [&scene.north, &scene.south] {
        for person in [spec("eve"), recipient("rex")] {
            let made = scene.human(&scene.above, child.id, PeopleEdit::Create(person)).await;
            let id = made.expect("somebody").id;
            let edit = PersonEdit { active: Some(false), ..PersonEdit::default() };
            let edit = PeopleEdit::Edit(id, edit);
            let edited = scene.human(&scene.above, child.id, edit).await.expect("a change");
            assert!(!edited.profile.active);
            scene.people(&scene.above, child.id, PeopleEdit::Delete(id)).await.expect("deleted");
        }
        let (bob, group) = scene.member(child, "bob").await;
        let why = async || scene.why((child, &bob), READ, all_of(child)).await;
        let mapping = scene.map(child, &group, bundle("reader"), Place::Account).await;
        assert_eq!(why().await, NOTHING);
        let pause = MappingEdit { paused: Some(true), ..MappingEdit::default() };
        let made = scene.rights(child, RightsEdit::EditMapping(mapping.id, pause)).await;
        let Made::Mapping(paused) = made else { panic!("expected a mapping, got {made:?}") };
        assert_eq!(why().await, ["paused"]);
        assert_eq!(paused.changed_by.id, scene.above.id());
        scene.rights(child, RightsEdit::Unmap(mapping.id)).await;
        assert_eq!(why().await, ["not_given"]);
    }
}

#[tokio::test]
async fn s1_never_the_reverse_never_sideways_and_a_standard_account_is_nobodys() {
    let scene = Scene::new().await;
    let beside = scene.administrator(&scene.south).await.actor();
    let alone = scene.administrator(&scene.alone).await.actor();
    let plain = scene.person(&scene.group, "plain").await.actor();
    let (here, up) = (things(&scene, &scene.north).await, things(&scene, &scene.group).await);
    let all = |rule: &'static str| vec![rule; 7];
    for (by, there) in [(&beside, &here), (&alone, &here), (&scene.below, &up), (&alone, &up)] {
        assert_eq!(there.refused(&scene, by).await, all("own-account-only"));
    }
    // Being in the parent is not enough.
    let mut lacking = all("administrators-only");
    lacking[1] = "recipient-admins-only";
    assert_eq!(here.refused(&scene, &plain).await, lacking);
    let standing = [PeopleEdit::Create(spec("new")), PeopleEdit::Create(recipient("new"))];
    for what in standing {
        let refused = scene.people(&scene.above, scene.alone.id, what).await;
        assert_eq!(denied(refused), "own-account-only");
    }
    // Nothing came of any of it.
    for there in [&here, &up] {
        let ada = there.of.scim.filter("/Users", "userName eq \"ada\"").await.ids().concat();
        assert_eq!(scene.why((there.of, &ada), READ, all_of(there.of)).await, NOTHING);
    }
    for table in ["group_mappings", "users WHERE user_name_key = 'made' AND active"] {
        let count = format!("SELECT count(*) FROM {table}");
        assert_eq!(scene.test.database.number(&count).await, 2, "{table}");
    }
}
