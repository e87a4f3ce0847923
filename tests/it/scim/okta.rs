//! Okta (SCIM.md §1.2): applications of its network use PATCH, those of its wizard PUT.

use crate::scim::replay::play;
use crate::world::TestApp;

async fn check(shape: &str) {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    play(&scim, shape).await;
}

#[tokio::test]
async fn an_application_of_the_network_patches() {
    check(include_str!("shapes/okta-network.json")).await;
}

#[tokio::test]
async fn an_application_of_the_wizard_puts() {
    check(include_str!("shapes/okta-wizard.json")).await;
}
