//! `countersign rights …` as operators use it: the program itself, on what administrators made.

use std::process::Output;

use countersign::domain::command::rights::RightsEdit;
use countersign::domain::rights::sources::Place;

use crate::rights::scene::{Scene, bundle, right, role, set_member};
use crate::world::server::Program;

const EDIT: &str = "campaigns.edit";

fn rights(scene: &Scene, arguments: &[&str]) -> Output {
    Program::new(&scene.test.database.url).run(&[&["rights"], arguments].concat())
}

/// What is printed, line by line.
#[track_caller]
fn lines(output: &Output) -> Vec<String> {
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

fn explain(scene: &Scene, user: &str, right: &str, more: &[&str]) -> Vec<String> {
    let of = ["explain", "--account", "north", "--user-name", user, right];
    lines(&rights(scene, &[&of[..], more].concat()))
}

#[tokio::test]
async fn c2_rights_explain_prints_the_path_and_what_stops_it() {
    let scene = Scene::new().await;
    let north = &scene.north;
    let (ann, team) = scene.member(north, "ann").await;
    let company = north.scim.group("Company", std::slice::from_ref(&team)).await;
    let mapped = scene
        .map(
            north,
            &company,
            role("workspace-editor"),
            Place::Workspace(scene.workspace(north, "Paris").await),
        )
        .await;
    let told = scene.explain((north, &ann), EDIT, None).await;
    let way = &told.ways[0];
    let place = way.path.held_in;
    let at = format!("workspace {} of account north", place.workspace.expect("one"));
    let admin = scene.above.id().expect("a user");
    let since: Vec<String> = way.groups.iter().map(|(_, _, since)| since.to_string()).collect();
    assert_eq!(
        explain(&scene, "ANN", EDIT, &[]),
        [
            "ANN: campaigns.edit (Edit campaigns)".to_owned(),
            format!("  effective in {at}"),
            format!("  effective in {at}:"),
            format!("    → group `anns` since {}", since[0]),
            format!("    → group `Company` since {}", since[1]),
            format!(
                "    → group mapping {} made {} by user {admin}: “as asked”",
                mapped.id, mapped.created_at
            ),
            format!("    → in workspace {}", place.workspace.expect("one")),
            "    → role `Editor`".to_owned(),
            "    → bundle `Campaign manager`".to_owned(),
            "    → right campaigns.edit".to_owned(),
        ]
    );
    let stopped = explain(&scene, "ann", "campaigns.send", &[]);
    assert_eq!(stopped[1], format!("  stopped in {at}"));
    assert_eq!(
        stopped[stopped.len() - 2..],
        [
            "    → account permission `sending`, which it needs",
            "    ✗ The account permission that it needs is off; the operator can switch it on.",
        ]
    );
    let moment = scene.now().to_string();
    scene.rights(north, RightsEdit::Unmap(mapped.id)).await;
    let none = [
        "ann: campaigns.edit (Edit campaigns)",
        "  not held: no group mapping, no grant and no seed gives it",
        "  bundles that hold it: campaign-manager",
    ];
    assert_eq!(explain(&scene, "ann", EDIT, &[]), none);
    let then = explain(&scene, "ann", EDIT, &["--at", &moment]);
    assert_eq!(then[1], format!("  effective in {at}"));
    assert!(then.contains(&"    → role `Editor`".to_owned()), "{then:#?}");
    let given = scene.grant(north, &ann, right(EDIT), Place::Account).await;
    let granted = explain(&scene, "ann", EDIT, &[]);
    let by = format!("    → grant {} of {} by user {admin}: “as asked”", given.id, given.given_at);
    assert_eq!(granted[3..], [by, "    → right campaigns.edit".to_owned()]);
}

#[tokio::test]
async fn rights_who_has_prints_who_where_and_since_the_parent_too() {
    let scene = Scene::new().await;
    let (group, north) = (&scene.group, &scene.north);
    let (bob, team) = scene.member(north, "bob").await;
    let (ann, heads) = scene.member(group, "ann").await;
    scene.map(north, &team, bundle("campaign-manager"), Place::Account).await;
    let (all, none) = (["USER", "NAME", "ACCOUNT", "WHERE", "STANDING"], "Nobody has it.");
    let row = |user: &str, name: &str, home: &crate::accounts::Member| {
        [user, name, &home.slug, "account north", "effective"].join("  ")
    };
    let who_has = |more: &[&str]| {
        let output = rights(&scene, &[&["who-has", "--account", "north"], more].concat());
        let (printed, told) =
            (lines(&output), String::from_utf8_lossy(&output.stderr).into_owned());
        (
            printed.iter().skip(1).map(|line| tidy(line)).collect::<Vec<_>>(),
            printed.first().map(|line| tidy(line)),
            told,
        )
    };
    let before = scene.now().to_string();
    scene.map(group, &heads, bundle("campaign-manager"), Place::Children).await;
    let (bobs, anns) = (row(&bob, "bob", north), row(&ann, "ann", group));
    for what in [["--right", EDIT], ["--bundle", "campaign-manager"]] {
        let (rows, head, _) = who_has(&what);
        assert_eq!(head, Some(all.join("  ")));
        assert_eq!(rows, [bobs.clone(), anns.clone()], "{what:?}");
        let (rows, ..) = who_has(&[&what[..], &["--at", &before]].concat());
        assert_eq!(rows, std::slice::from_ref(&bobs), "{what:?}");
    }
    set_member(north, &team, &bob, false).await;
    assert_eq!(who_has(&["--right", EDIT]).0, [anns]);
    for what in [["--right", "data.export"], ["--bundle", "analyst"]] {
        let (rows, head, told) = who_has(&what);
        assert_eq!((rows.len(), head, told.trim()), (0, None, none));
    }
}

/// Columns are two blanks apart.
fn tidy(line: &str) -> String {
    line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join("  ")
}

#[tokio::test]
async fn what_rights_are_asked_for_wrongly_is_refused_with_what_would_be_right() {
    let scene = Scene::new().await;
    scene.north.scim.user("ann").await;
    let explain = |account: &str, user: &str, right: &str, more: &[&str]| {
        let of = ["explain", "--account", account, "--user-name", user, right];
        rights(&scene, &[&of[..], more].concat())
    };
    let who_has = |more: &[&str]| rights(&scene, &[&["who-has", "--account"], more].concat());
    let (no_key, no_moment) =
        ("`countersign catalogue show` lists them", "write for example 2026-11-01T00:00:00Z");
    for (output, shown, remedy) in [
        (explain("nowhere", "ann", EDIT, &[]), "`nowhere`", "countersign account create nowhere"),
        (explain("No Where", "ann", EDIT, &[]), "No Where", "a-z"),
        (explain("north", "eve", EDIT, &[]), "`eve`", "no user"),
        (explain("south", "ann", EDIT, &[]), "`ann`", "in this account"),
        (explain("north", "ann", "Send it", &[]), "`Send it`", no_key),
        (explain("north", "ann", EDIT, &["--at", "today"]), "`today`", no_moment),
        (who_has(&["nowhere", "--right", EDIT]), "`nowhere`", "countersign account create nowhere"),
        (who_has(&["north", "--right", "Send it"]), "`Send it`", no_key),
        (who_has(&["north", "--right", EDIT, "--at", "2026"]), "`2026`", no_moment),
        (who_has(&["north"]), "--right", "required"),
        (who_has(&["north", "--right", EDIT, "--bundle", "reader"]), "--bundle", "cannot be used"),
    ] {
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{told}");
        assert!(told.contains(shown) && told.contains(remedy), "`{remedy}` is not in: {told}");
        assert!(output.stdout.is_empty(), "{output:?}");
    }
}
