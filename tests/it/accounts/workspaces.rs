//! Workspaces (W10).

use countersign::app::{Error, Outcome};
use countersign::domain::account::Workspace;
use countersign::domain::actor::Actor;
use countersign::domain::command::Command;
use countersign::domain::command::accounts::{AccountChange, AccountEdit};

use crate::accounts::{Family, Person, denied, wrong};

async fn made(family: &Family, person: &Person, name: &str) -> Result<Workspace, Error> {
    let make = AccountEdit::CreateWorkspace(name.to_owned());
    let outcome = family.edit(&person.actor(), family.north.id, make).await?;
    let Outcome::Workspace(workspace) = outcome else { panic!("{outcome:?}") };
    Ok(workspace)
}

async fn names(family: &Family, person: &Person) -> Vec<String> {
    let found = family.test.app.workspaces(&person.actor(), family.north.id).await;
    found.expect("a list").into_iter().map(|it| it.name).collect()
}

#[tokio::test]
async fn w10_workspaces_are_made_renamed_and_closed() {
    let family = Family::new().await;
    let below = family.administrator(&family.north).await;
    let one = made(&family, &below, "  Marketing ").await.expect("a workspace");
    assert_eq!((one.name.as_str(), one.version), ("Marketing", 1));
    assert_eq!(wrong(made(&family, &below, "MARKETING").await), [("name", "name_taken")]);
    assert_eq!(wrong(made(&family, &below, " ").await), [("name", "missing")]);
    assert_eq!(wrong(made(&family, &below, "a\u{7}").await), [("name", "not_text")]);
    made(&family, &below, "Support").await.expect("another");
    let rename = |name: &str| AccountEdit::RenameWorkspace(one.id, name.to_owned());
    let actor = below.actor();
    let taken = family.edit(&actor, family.north.id, rename("support")).await;
    assert_eq!(wrong(taken), [("name", "name_taken")]);
    family.edit(&actor, family.north.id, rename("Growth")).await.expect("renamed");
    assert_eq!(names(&family, &below).await, ["Growth", "Support"]);
    let stale = AccountChange {
        account: family.north.id,
        what: AccountEdit::CloseWorkspace(one.id),
        if_match: Some("W/\"1\"".to_owned()),
    };
    let change = Command::ChangeAccount(Box::new(stale));
    let refused = family.test.app.change(&actor, change).await.expect_err("a refusal");
    assert!(matches!(refused, Error::Stale(_)), "{refused:?}");
    let shape = family.shape(&family.north).await;
    let close = || AccountEdit::CloseWorkspace(one.id);
    family.edit(&actor, family.north.id, close()).await.expect("closed");
    assert_eq!(family.shape(&family.north).await, shape + 1, "DECISIONS.md 11");
    let again = family.edit(&actor, family.north.id, close()).await.expect_err("a refusal");
    assert!(matches!(again, Error::NotFound(_)), "{again:?}");
    // The name of a closed one is free.
    made(&family, &below, "Growth").await.expect("a workspace");
    assert_eq!(names(&family, &below).await, ["Growth", "Support"]);
}

#[tokio::test]
async fn w10_whoever_holds_workspaces_manage_makes_them_and_all_users_see_them() {
    let family = Family::new().await;
    let manager = family.holder(&family.north, "manager", &["workspaces.manage"]).await;
    let plain = family.person(&family.north, "plain").await;
    let sibling = family.administrator(&family.south).await;
    made(&family, &manager, "Growth").await.expect("a workspace");
    assert_eq!(denied(made(&family, &plain, "Other").await), "workspace-admins-only");
    assert_eq!(names(&family, &plain).await, ["Growth"]);
    let seen = family.test.app.workspaces(&sibling.actor(), family.north.id).await;
    assert_eq!(denied(seen), "own-account-only");
    let make = AccountEdit::CreateWorkspace("Ours".to_owned());
    let refused = family.edit(&Actor::Platform, family.north.id, make).await;
    assert_eq!(denied(refused), "two-planes");
}

#[tokio::test]
async fn w10_of_two_who_take_a_name_at_once_one_has_it() {
    let family = Family::new().await;
    let below = family.administrator(&family.north).await;
    let both = tokio::join!(made(&family, &below, "One"), made(&family, &below, "one"));
    let done = [both.0.is_ok(), both.1.is_ok()];
    assert_eq!(done.iter().filter(|is| **is).count(), 1, "{done:?}");
}
