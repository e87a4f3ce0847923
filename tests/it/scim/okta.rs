//! Okta (SCIM.md §1.2): applications of its network use PATCH, those of its wizard PUT.

use crate::world::replay::play;

#[tokio::test]
async fn an_application_of_the_network_patches() {
    play(include_str!("shapes/okta-network.json")).await;
}

#[tokio::test]
async fn an_application_of_the_wizard_puts() {
    play(include_str!("shapes/okta-wizard.json")).await;
}
