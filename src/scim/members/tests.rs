//! Membership operations in every shape (SCIM.md §1.1, §1.2, §1.13), and the law of the delta.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::scim::error::{Kind, Result};
use crate::scim::fold;
use crate::scim::members::{Delta, MemberPlan, Step, split};
use crate::scim::patch::read;
use crate::scim::preset::Preset;
use crate::scim::schema::ResourceKind;
use crate::scim::value::Notes;

/// The plan of a PATCH, and how many operations are left.
fn plan(operations: &Value, preset: Preset) -> Result<(MemberPlan, usize)> {
    let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]);
    let body = json!({"schemas": schemas, "Operations": operations});
    let operations = read(ResourceKind::Group, body, preset, 1000, &mut Notes::default())?;
    let (rest, plan) = split(operations, preset)?;
    Ok((plan, rest.len()))
}

/// The delta in one line: `=` for a clear, `+` and `-` for members; `?` if it needs the members.
fn sketch(delta: Option<Delta>) -> String {
    let Some(delta) = delta else { return "?".to_owned() };
    let clear = delta.clear.then(|| "=".to_owned());
    let add = delta.add.iter().map(|id| format!("+{id}"));
    let remove = delta.remove.iter().map(|id| format!("-{id}"));
    clear.into_iter().chain(add).chain(remove).collect::<Vec<_>>().join(" ")
}

#[expect(clippy::needless_pass_by_value, reason = "literals read better without `&`")]
#[track_caller]
fn check_in(preset: Preset, operations: Value, expected: &str) {
    match plan(&operations, preset) {
        Ok((plan, _)) => assert_eq!(sketch(plan.delta()), expected, "{preset:?} {operations}"),
        Err(error) => assert_eq!(error.kind.to_string(), expected, "{operations}: {error}"),
    }
}

/// What `standard` makes of the operations.
#[track_caller]
fn check(operations: Value, expected: &str) {
    check_in(Preset::Standard, operations, expected);
}

/// What both presets make of the operations.
#[track_caller]
fn check_both(operations: Value, expected: &str) {
    check_in(Preset::Standard, operations.clone(), expected);
    check_in(Preset::Rfc, operations, expected);
}

#[test]
fn members_are_added_and_removed_by_list() {
    check(
        json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": "f648"}]}]),
        "+f648",
    );
    check(
        json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "f648"}]}]),
        "-f648",
    );
    check_both(
        json!([{"op": "add", "path": "members", "value": [{"value": "b"}, {"value": "a", "display": "A"}]}]),
        "+a +b",
    );
    check_both(json!([{"op": "remove", "path": "members", "value": [{"value": "a"}]}]), "-a");
    check_both(json!([{"op": "add", "path": "members", "value": [{"value": "A-B"}]}]), "+a-b");
    check_both(json!([{"op": "add", "path": "members", "value": []}]), "");
}

#[test]
fn values_come_in_many_shapes() {
    for (verb, sign) in [("add", "+"), ("remove", "-")] {
        for value in [
            json!({"value": "a"}),
            json!("a"),
            json!(["a"]),
            json!({"members": [{"value": "a"}]}),
            json!([{"members": [{"value": "a"}]}]),
            json!({"Members": ["a"]}),
        ] {
            check(json!([{"op": verb, "path": "members", "value": value}]), &format!("{sign}a"));
        }
    }
    check_both(
        json!([{"op": "add", "value": {"members": [{"value": "a", "display": "d"}]}}]),
        "+a",
    );
    check(
        json!([{"op": "add", "value": {"urn:ietf:params:scim:schemas:core:2.0:Group": {"members": ["a"]}}}]),
        "+a",
    );
    check(json!({"op": "add", "path": "Members", "value": "a"}), "+a");
    check_both(
        json!([{"op": "add", "path": "members", "value": [{"display": "nobody"}]}]),
        "invalidValue",
    );
    check_both(
        json!([{"op": "remove", "path": "members", "value": [{"display": "nobody"}]}]),
        "invalidValue",
    );
    check_in(Preset::Rfc, json!([{"op": "add", "path": "members", "value": "a"}]), "invalidValue");
}

#[test]
fn a_list_of_members_to_remove_never_means_all() {
    check_both(json!([{"op": "remove", "path": "members", "value": []}]), "");
    check(json!([{"op": "remove", "path": "members", "value": {"members": []}}]), "");
    check(json!([{"op": "remove", "path": "members", "value": ""}]), "");
    check_both(json!([{"op": "remove", "path": "members[value eq \"nobody\"]"}]), "-nobody");
    check_both(json!([{"op": "remove", "path": "members"}]), "=");
    check(json!([{"op": "remove", "path": "members", "value": null}]), "=");
    assert!(
        plan(&json!([{"op": "remove", "path": "members", "value": []}]), Preset::Standard)
            .unwrap()
            .0
            .is_empty()
    );
}

#[test]
fn replace_sets_the_members() {
    check_both(
        json!([{"op": "replace", "path": "members", "value": [{"value": "a"}, {"value": "b"}]}]),
        "= +a +b",
    );
    check_both(json!([{"op": "replace", "path": "members", "value": []}]), "=");
    check_both(json!([{"op": "replace", "path": "members", "value": null}]), "=");
    check_both(json!([{"op": "replace", "value": {"members": [{"value": "a"}]}}]), "= +a");
    check(json!([{"op": "replace", "path": "members"}]), "invalidValue");
}

#[test]
fn a_rename_leaves_the_members_alone() {
    for operations in [
        json!([{"op": "replace", "value": {"externalId": "e", "displayName": "New"}}]),
        json!([{"op": "replace", "value": {"id": "g", "displayName": "New"}}]),
        json!([{"op": "Replace", "path": "displayName", "value": "New"}]),
    ] {
        let (plan, rest) = plan(&operations, Preset::Standard).unwrap();
        assert!(plan.is_empty(), "{operations}");
        assert_eq!(sketch(plan.delta()), "");
        assert!(rest > 0);
    }
    let mixed = json!([{"op": "replace", "value": {"displayName": "New", "members": ["a"]}}]);
    let (plan, rest) = plan(&mixed, Preset::Standard).unwrap();
    assert_eq!((sketch(plan.delta()).as_str(), rest), ("= +a", 1));
}

#[test]
fn members_named_by_a_filter_go_without_a_look() {
    check_both(json!([{"op": "remove", "path": "members[value eq \"7F4B-a\"]"}]), "-7f4b-a");
    check_both(
        json!([{"op": "remove", "path": "members[value eq \"a\" or (value eq \"b\" or value eq \"c\")]"}]),
        "-a -b -c",
    );
    check_both(json!([{"op": "remove", "path": "members[type eq \"Group\"]"}]), "?");
    check_both(
        json!([{"op": "remove", "path": "members[value eq \"a\" and type eq \"User\"]"}]),
        "?",
    );
    check_both(json!([{"op": "remove", "path": "members[value ne \"a\"]"}]), "?");
    check_both(json!([{"op": "remove", "path": "members[value xx \"a\"]"}]), "invalidFilter");
    check_both(
        json!([{"op": "remove", "path": "members[value eq \"a\"]"}, {"op": "add", "path": "members", "value": [{"value": "b"}]}]),
        "+b -a",
    );
    check_both(
        json!([{"op": "remove", "path": "members"}, {"op": "remove", "path": "members[type pr]"}]),
        "=",
    );
}

#[test]
fn a_member_may_be_added_by_filter_but_not_changed() {
    check_both(
        json!([{"op": "add", "path": "members[value eq \"A\"]", "value": {"value": "a"}}]),
        "+a",
    );
    check_both(
        json!([{"op": "replace", "path": "members[value eq \"a\"]", "value": {"display": "A"}}]),
        "+a",
    );
    check_both(
        json!([{"op": "replace", "path": "members[value eq \"a\"]", "value": {"value": "b"}}]),
        "mutability",
    );
    check_both(
        json!([{"op": "add", "path": "members[type eq \"User\"]", "value": {"value": "b"}}]),
        "mutability",
    );
    for sub in ["value", "type", "$ref"] {
        check_both(
            json!([{"op": "replace", "path": format!("members[value eq \"a\"].{sub}"), "value": "b"}]),
            "mutability",
        );
        check_both(json!([{"op": "remove", "path": format!("members.{sub}")}]), "mutability");
    }
    check_both(
        json!([{"op": "replace", "path": "members[value eq \"a\"].display", "value": "A"}]),
        "",
    );
}

#[test]
fn conditions_are_asked_of_the_current_members() {
    let group = json!({"members": [
        {"value": "U1", "type": "User"}, {"value": "u2", "type": "User"}, {"value": "g1", "type": "Group"},
    ]});
    let folded = fold::document(ResourceKind::Group, &group);
    let current = folded["members"].as_array().unwrap();
    for (operations, expected) in [
        (json!([{"op": "remove", "path": "members[type eq \"Group\"]"}]), "-g1"),
        (json!([{"op": "remove", "path": "members[value ne \"u1\"]"}]), "-g1 -u2"),
        (json!([{"op": "remove", "path": "members[type eq \"Device\"]"}]), ""),
        (
            json!([{"op": "add", "path": "members", "value": ["u1", "u3"]}, {"op": "remove", "path": "members[type eq \"User\"]"}]),
            "+u3 -u1 -u2",
        ),
        (
            json!([{"op": "replace", "path": "members", "value": ["u1", "x"]}, {"op": "remove", "path": "members[type pr]"}]),
            "= +x",
        ),
        (
            json!([{"op": "remove", "path": "members[type pr]"}, {"op": "add", "path": "members", "value": "u1"}]),
            "+u1 -g1 -u2",
        ),
    ] {
        let (plan, _) = plan(&operations, Preset::Standard).unwrap();
        assert_eq!(sketch(Some(plan.delta_over(current))), expected, "{operations}");
    }
}

fn any_step() -> impl Strategy<Value = Step> {
    let ids = || prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "d"]), 0..4);
    let owned = |ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect();
    let everyone = plan(&json!([{"op": "remove", "path": "members[value ge \"c\"]"}]), Preset::Rfc);
    let where_step = everyone.unwrap().0.steps[0].clone();
    prop_oneof![
        ids().prop_map(move |ids| Step::Add(owned(ids))),
        ids().prop_map(move |ids| Step::Remove(owned(ids))),
        Just(Step::Clear),
        Just(where_step),
    ]
}

/// The plain meaning of a step on a set.
fn take(set: &mut BTreeSet<String>, step: &Step) {
    match step {
        Step::Add(ids) => set.extend(ids.iter().cloned()),
        Step::Remove(ids) => set.retain(|id| !ids.contains(id)),
        Step::Clear => set.clear(),
        Step::RemoveWhere(_) => set.retain(|id| id.as_str() < "c"),
    }
}

proptest! {
    #[test]
    fn the_delta_does_what_the_steps_do_one_by_one(
        steps in prop::collection::vec(any_step(), 0..8),
        members in prop::collection::btree_set("[a-e]", 0..5),
    ) {
        let mut expected = members.clone();
        for step in &steps {
            take(&mut expected, step);
        }
        let current: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
        let plan = MemberPlan { steps };
        let over = plan.delta_over(&current);
        for delta in [Some(over), plan.delta()].into_iter().flatten() {
            prop_assert!(delta.add.iter().all(|id| !delta.remove.contains(id)));
            prop_assert!(!delta.clear || delta.remove.is_empty());
            let mut set = if delta.clear { BTreeSet::new() } else { members.clone() };
            set.retain(|id| !delta.remove.contains(id));
            set.extend(delta.add);
            prop_assert_eq!(&set, &expected);
        }
    }
}

#[test]
fn fifty_thousand_members_fold_quickly() {
    let ids: Vec<Value> = (0..50_000).map(|n| json!({"value": format!("{n:08}")})).collect();
    let (plan, _) =
        plan(&json!([{"op": "replace", "path": "members", "value": ids}]), Preset::Rfc).unwrap();
    let delta = plan.delta().unwrap();
    assert!(delta.clear);
    assert_eq!(delta.add.len(), 50_000, "DECISIONS 24");
}

#[test]
fn users_have_no_members_to_split_off() {
    let body = json!({"Operations": [{"op": "add", "path": "title", "value": "T"}]});
    let operations =
        read(ResourceKind::User, body, Preset::Standard, 10, &mut Notes::default()).unwrap();
    let (rest, plan) = split(operations, Preset::Standard).unwrap();
    assert!(plan.is_empty());
    assert_eq!(rest.len(), 1);
    let error = plan_error(json!([{"op": "replace", "path": "members.value", "value": "x"}]));
    assert_eq!(error, Kind::Mutability);
}

#[expect(clippy::needless_pass_by_value, reason = "literals read better without `&`")]
fn plan_error(operations: Value) -> Kind {
    plan(&operations, Preset::Standard).unwrap_err().kind
}
