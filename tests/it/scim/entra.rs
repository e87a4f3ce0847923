//! Microsoft Entra ID, in both of its dialects (SCIM.md §1.1): with and without `aadOptscim062020`.

use crate::world::replay::play;

#[tokio::test]
async fn a_user_is_provisioned_changed_disabled_and_deleted() {
    play(include_str!("shapes/entra-users.json")).await;
}

#[tokio::test]
async fn a_user_is_changed_in_the_newer_dialect() {
    play(include_str!("shapes/entra-users-flag.json")).await;
}

#[tokio::test]
async fn a_manager_comes_in_many_forms() {
    play(include_str!("shapes/entra-manager.json")).await;
}

#[tokio::test]
async fn roles_come_in_many_forms() {
    play(include_str!("shapes/entra-roles.json")).await;
}

#[tokio::test]
async fn a_group_is_provisioned_in_both_dialects() {
    play(include_str!("shapes/entra-groups.json")).await;
}
