//! The explanation of a past moment.

use countersign::app::rights::Made;
use countersign::domain::command::rights::RightsEdit;
use countersign::domain::rights::bundles::{BundleSpec, Level, RoleSpec};
use countersign::domain::rights::catalogue::bundle_id;
use countersign::domain::rights::paths::Standing;
use countersign::domain::rights::sources::{Gift, MappingEdit, Period, Place};
use countersign::domain::time::Timestamp;

use super::{READ, by};
use crate::rights::scene::{Scene, all_of, bundle, mapping, right, set_member};

/// What was changed and ended since is told as it was.
#[tokio::test]
async fn c2_the_explanation_of_a_past_moment_says_who_gave_it_then() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let (ann, readers) = scene.member(north, "ann").await;
    let make = RightsEdit::Map(mapping(&readers, bundle("reader"), Place::Account));
    let made = scene.try_rights(&scene.below, north.id, make).await;
    let Ok(Made::Mapping(mapped)) = made else { panic!("{made:?}") };
    let given = scene.grant(north, &ann, right(READ), Place::Account).await;
    let at = |scene: &Scene| -> Timestamp {
        scene.test.clock.advance_seconds(60);
        scene.now()
    };
    let first = at(&scene);
    let edit = MappingEdit {
        paused: Some(true),
        reason: Some("holidays".to_owned()),
        ..MappingEdit::default()
    };
    scene.rights(north, RightsEdit::EditMapping(mapped.id, edit)).await;
    let second = at(&scene);
    scene.rights(north, RightsEdit::Unmap(mapped.id)).await;
    scene.rights(north, RightsEdit::EndGrant(given.id)).await;
    set_member(north, &readers, &ann, false).await;
    assert!(scene.explain((north, &ann), READ, None).await.ways.is_empty());
    for (moment, is_paused, reason) in [(first, false, "as asked"), (second, true, "holidays")] {
        let told = scene.explain((north, &ann), READ, Some(moment)).await;
        assert_eq!(told.held, [(all_of(north), Standing::Effective)].into());
        let ways = &told.ways;
        assert_eq!(ways.len(), 2, "{ways:?}");
        let shown = ways.iter().find_map(|way| way.grant.as_ref()).expect("the grant");
        assert_eq!(
            (shown.id, &shown.given_by, shown.given_at),
            (given.id, &given.given_by, given.given_at)
        );
        let way = ways.iter().find(|way| way.mapping.is_some()).expect("the mapping");
        assert_eq!(way.path.stops.is_empty(), !is_paused);
        let names: Vec<_> = way.groups.iter().map(|(_, name, _)| name.as_str()).collect();
        assert_eq!(names, ["anns"]);
        let shown = way.mapping.as_ref().expect("the mapping");
        assert_eq!((shown.id, &shown.created_by), (mapped.id, &by(&scene.below)));
        assert_eq!((shown.paused, &*shown.reason), (is_paused, reason), "as it was then");
        assert_eq!(shown.period, Period::ALWAYS);
    }
    let before = Timestamp::from_micros(mapped.created_at.micros() - 1);
    assert!(scene.explain((north, &ann), READ, Some(before)).await.ways.is_empty());
}

/// A role and a bundle that are no more are named as they were called then.
#[tokio::test]
async fn c2_the_explanation_of_a_past_moment_names_a_role_and_a_bundle_that_are_gone() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let (ann, team) = scene.member(north, "ann").await;
    let (name, description) = ("Looking".to_owned(), String::new());
    let origin = Some(bundle_id("reader"));
    let spec = BundleSpec { name, description, rights: None, origin };
    let made = scene.rights(north, RightsEdit::CreateBundle(spec)).await;
    let Made::Bundle(looking) = made else { panic!("{made:?}") };
    let spec = RoleSpec {
        name: "Onlooker".to_owned(),
        description: String::new(),
        level: Level::Account,
        bundles: Some([looking.id].into()),
        origin: None,
    };
    let made = scene.rights(north, RightsEdit::CreateRole(spec)).await;
    let Made::Role(onlooker) = made else { panic!("{made:?}") };
    let mapped = scene.map(north, &team, Gift::Role(onlooker.id), Place::Account).await;
    let then = scene.now();
    scene.rights(north, RightsEdit::Unmap(mapped.id)).await;
    scene.rights(north, RightsEdit::DeleteRole(onlooker.id)).await;
    scene.rights(north, RightsEdit::DeleteBundle(looking.id)).await;
    let told = scene.explain((north, &ann), READ, Some(then)).await;
    let [way] = told.ways.as_slice() else { panic!("one way, not {told:?}") };
    assert_eq!(way.mapping.as_ref().map(|it| it.id), Some(mapped.id));
    assert_eq!(way.role.as_ref().map(|it| &*it.name), Some("Onlooker"));
    assert_eq!(way.bundle.as_ref().map(|it| &*it.name), Some("Looking"));
}
