//! Preview = what happens: in random worlds, what a preview of a change says is the difference that
//! making the change then makes.

use std::collections::{BTreeMap, BTreeSet};

use countersign::app::Outcome;
use countersign::app::rights::preview::{Preview, Shift};
use countersign::domain::actor::{Actor, SignedIn};
use countersign::domain::command::Command;
use countersign::domain::command::rights::{RightsChange, RightsEdit};
use countersign::domain::ids::{
    BundleId, GrantId, MappingId, PersonId, ResourceId, RoleId, SessionId, WorkspaceId,
};
use countersign::domain::rights::RightKey;
use countersign::domain::rights::bundles::{BundleEdit, RoleEdit};
use countersign::domain::rights::paths::{Standing, Where};
use countersign::domain::rights::sources::{
    Gift, Givee, GrantSpec, MappingEdit, MappingSpec, Period, Place,
};
use uuid::Uuid;

use crate::rights::worlds::{BUNDLES, GROUPS, Ids, ROLES, USERS, WORKSPACES, World};
use crate::world::TestApp;
use crate::world::random::Random;

const FIRST_SEED: u64 = 9_000;
const WORLDS: u64 = 30;
const CHANGES: usize = 6;

type Held = BTreeMap<(ResourceId, RightKey, Where), Standing>;

/// DECISIONS.md 28: mappings, bundles, roles and grants, made, changed and taken away.
#[tokio::test]
async fn a_preview_says_what_then_happens() {
    let test = TestApp::new().await;
    let (mut made, mut shifted) = (0, 0);
    for seed in FIRST_SEED..FIRST_SEED + WORLDS {
        let (world, ids) =
            (World::random(seed), Ids { seed, is_sqlite: test.database.is_sqlite() });
        test.database.run("DELETE FROM catalogue_rights").await;
        test.database.run(&ids.write(&world)).await;
        let admin = administrator(&test, &ids).await;
        let mut r = Random::new(seed);
        for _ in 0..CHANGES {
            let what = change(&mut r, &ids);
            let shown = format!("seed {seed}: {what:?}");
            let change = RightsChange { account: ids.account(0), what, if_match: None };
            let command = Command::ChangeRights(Box::new(change));
            let before = all_rights(&test, &ids).await;
            let preview = test.app.preview(&admin, command.clone(), 10_000).await;
            let done = test.app.change(&admin, command).await;
            // What is refused as a preview is refused as a change.
            assert_eq!(preview.is_ok(), done.is_ok(), "{shown}: {preview:?}");
            let after = all_rights(&test, &ids).await;
            let preview = preview.unwrap_or_default();
            compare(&preview, (&before, &after), &shown);
            made += usize::from(matches!(done, Ok(Outcome::Rights(_))));
            shifted += preview.first.len();
        }
    }
    assert!(made > 60 && shifted > 40, "{made} changes with {shifted} shifts are too few");
}

/// The same of members: users and groups, added and removed.
#[tokio::test]
async fn a_preview_of_members_says_what_then_happens() {
    let test = TestApp::new().await;
    let mut shifted = 0;
    for seed in FIRST_SEED..FIRST_SEED + WORLDS {
        let (world, ids) =
            (World::random(seed), Ids { seed, is_sqlite: test.database.is_sqlite() });
        test.database.run("DELETE FROM catalogue_rights").await;
        test.database.run(&ids.write(&world)).await;
        let mut r = Random::new(seed);
        let group = r.below(GROUPS);
        let (user, other) = (r.below(USERS), r.below(GROUPS));
        let (in_group, nested) =
            (ResourceId::new(ids.id(3, group)), ResourceId::new(ids.id(3, other)));
        let before = all_rights(&test, &ids).await;
        let add = [ids.user(user), nested];
        let preview = test
            .app
            .preview_members(&Actor::Platform, (ids.account(0), in_group), (&add, &[]), 10_000)
            .await
            .expect("a preview");
        let own = ids.literal(1, 0);
        let new = [("User", ids.literal(2, user)), ("Group", ids.literal(3, other))];
        // No group is in itself.
        for (kind, member) in new.into_iter().take(if other == group { 1 } else { 2 }) {
            let sql = format!(
                "INSERT INTO group_members (account_id, group_id, member_id, member_kind, valid_to, \
                 valid_from) VALUES ({own}, {}, {member}, '{kind}', {}, 1) ON CONFLICT DO NOTHING",
                ids.literal(3, group),
                i64::MAX
            );
            test.database.run(&sql).await;
        }
        let after = all_rights(&test, &ids).await;
        compare(&preview, (&before, &after), &format!("seed {seed}"));
        shifted += preview.first.len();
    }
    assert!(shifted > 10, "{shifted} shifts are too few");
}

fn compare(preview: &Preview, (before, after): (&Held, &Held), shown: &str) {
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let standing = |all: &Held, key| all.get(key).copied().unwrap_or(Standing::Stopped);
    let mut expected = BTreeMap::new();
    for key in keys {
        let shift = match (standing(before, key), standing(after, key)) {
            (was, is) if was == is => continue,
            (_, Standing::Effective) => Shift::Gained,
            (Standing::Effective, _) => Shift::Lost,
            (_, Standing::Pending) => Shift::Pending,
            (_, Standing::Stopped) => Shift::Withdrawn,
        };
        expected.insert(key.clone(), shift);
    }
    let told: BTreeMap<_, _> =
        preview.first.iter().map(|it| ((it.user, it.right.clone(), it.place), it.shift)).collect();
    assert_eq!(told, expected, "{shown}");
    let users = |wanted| {
        let users =
            expected.iter().filter(|(_, shift)| **shift == wanted).map(|((user, ..), _)| user);
        users.collect::<BTreeSet<_>>().len()
    };
    assert_eq!(
        (preview.gaining, preview.losing),
        (users(Shift::Gained), users(Shift::Lost)),
        "{shown}"
    );
}

async fn all_rights(test: &TestApp, ids: &Ids) -> Held {
    let mut all = Held::new();
    for user in 0..USERS {
        let user = ids.user(user);
        let place = (ids.account(0), user);
        let found = test.app.rights_of(&Actor::Platform, place, None).await.expect("rights");
        all.extend(found.held.into_iter().map(|((right, place), it)| ((user, right, place), it)));
    }
    all
}

/// Somebody of the world's account who may change all of it, and is none of its users.
async fn administrator(test: &TestApp, ids: &Ids) -> Actor {
    let (own, user) = (ids.literal(1, 0), ids.literal(2, 90));
    test.database
        .run(&format!(
            "INSERT INTO users (account_id, id, connection_id, user_name_key, display_name, active, \
             active_since, document, folded, version, rights_version, created_at, updated_at) VALUES \
             ({own}, {user}, {own}, 'admin', 'admin', TRUE, 0, '{{}}', '{{}}', 1, 1, 0, 0);\
             UPDATE account_periods SET state = 'active' WHERE account_id = {own};\
             INSERT INTO seed_grants (account_id, user_id, right_key, valid_to, valid_from, why) VALUES \
             ({own}, {user}, 'users.administer', {open}, 0, 'test');\
             INSERT INTO account_periods (account_id, valid_to, valid_from, state) \
             VALUES ({own}, {open}, 0, 'active') ON CONFLICT DO NOTHING",
            open = i64::MAX
        ))
        .await;
    Actor::User(SignedIn {
        account: ids.account(0),
        user: ids.user(90),
        person: PersonId::new(Uuid::from_u128(1)),
        session: SessionId::new(Uuid::from_u128(2)),
        is_staff: false,
        second_factor_at: None,
    })
}

fn change(r: &mut Random, ids: &Ids) -> RightsEdit {
    let place = match r.below(4) {
        0 => Place::Workspace(WorkspaceId::new(ids.id(6, r.below(WORKSPACES)))),
        1 => Place::Children,
        _ => Place::Account,
    };
    let gift = if r.chance(60) {
        Gift::Bundle(BundleId::new(ids.id(4, r.below(BUNDLES))))
    } else {
        Gift::Role(RoleId::new(ids.id(5, r.below(ROLES))))
    };
    let (period, reason) = (Period::ALWAYS, "as asked".to_owned());
    let mapping = MappingId::new(ids.id(7, r.below(6)));
    match r.below(8) {
        0 | 1 => {
            let givee = Givee::Group(ResourceId::new(ids.id(3, r.below(GROUPS))));
            RightsEdit::Map(MappingSpec { givee, gift, place, period, reason })
        }
        2 => {
            let paused = Some(r.chance(50));
            RightsEdit::EditMapping(mapping, MappingEdit { paused, ..MappingEdit::default() })
        }
        3 => RightsEdit::Unmap(mapping),
        4 => {
            let user = ids.user(r.below(USERS));
            RightsEdit::Grant(GrantSpec { user, gift, place, period, reason })
        }
        5 => RightsEdit::EndGrant(GrantId::new(ids.id(8, r.below(3)))),
        6 => {
            // Nothing is added that the author does not hold.
            let edit = BundleEdit { rights: Some(BTreeSet::new()), ..BundleEdit::default() };
            RightsEdit::EditBundle(BundleId::new(ids.id(4, r.below(BUNDLES))), edit)
        }
        _ => {
            let bundles = [BundleId::new(ids.id(4, r.below(BUNDLES)))].into();
            let edit = RoleEdit { bundles: Some(bundles), ..RoleEdit::default() };
            RightsEdit::EditRole(RoleId::new(ids.id(5, r.below(ROLES))), edit)
        }
    }
}
