//! What the other identity providers send (SCIM.md §1.3 to §1.13).

use crate::world::replay::play;

#[tokio::test]
async fn one_login_provisions() {
    play(include_str!("shapes/onelogin.json")).await;
}

#[tokio::test]
async fn jump_cloud_provisions() {
    play(include_str!("shapes/jumpcloud.json")).await;
}

#[tokio::test]
async fn google_provisions_with_plain_json() {
    play(include_str!("shapes/google.json")).await;
}

#[tokio::test]
async fn ping_matches_by_mail_and_puts() {
    play(include_str!("shapes/ping.json")).await;
}

#[tokio::test]
async fn rippling_probes_and_retries() {
    play(include_str!("shapes/rippling.json")).await;
}

#[tokio::test]
async fn keycloak_sends_relative_references() {
    play(include_str!("shapes/keycloak.json")).await;
}

#[tokio::test]
async fn authentik_replaces_with_its_whole_payload() {
    play(include_str!("shapes/authentik.json")).await;
}

#[tokio::test]
async fn sailpoint_and_cyberark_read_discovery_first() {
    play(include_str!("shapes/sailpoint-cyberark.json")).await;
}

#[tokio::test]
async fn oracle_sends_booleans_as_lists_of_texts() {
    play(include_str!("shapes/oracle.json")).await;
}

#[tokio::test]
async fn wild_shapes_are_understood() {
    play(include_str!("shapes/wild.json")).await;
}
