//! What a provider's `acr` and `amr` are worth (SIGNIN.md 4.3; C4): absent, of a wrong type, downgraded.

use countersign::domain::sso::{DEFAULT_AMR, amr_counts};
use serde_json::{Value, json};

use super::scene::Scene;

#[test]
fn amr_counts_as_rfc_8176_has_it() {
    let counts = |amr: &[&str]| {
        let amr: Vec<String> = amr.iter().map(|&method| method.to_owned()).collect();
        DEFAULT_AMR.iter().any(|rule| amr_counts(rule, &amr))
    };
    for amr in
        [&["mfa"] as &[&str], &["pwd", "mfa"], &["pwd", "otp"], &["hwk", "pin"], &["kba", "sc"]]
    {
        assert!(counts(amr), "{amr:?}");
    }
    for amr in [
        &[] as &[&str],
        &["pwd"],
        &["otp"],
        &["pwd", "pin"],
        &["otp", "hwk"],
        &["pwd", "sms"],
        &["pwd", "tel"],
        &["mca"],
        &["pwd", "mca"],
        &["sms", "mca", "tel"],
        &["MFA"],
        &["pwd+otp"],
        &[""],
    ] {
        assert!(!counts(amr), "{amr:?}");
    }
    assert!(!amr_counts("", &[]) && !amr_counts("", &[String::new()]));
}

/// In an account that demands a second factor; `full` or `pending`.
async fn level(acr_values: &[&str], claims: Value) -> String {
    let mut scene = Scene::with(|spec| {
        spec.acr_values = acr_values.iter().map(|&acr| acr.to_owned()).collect();
    })
    .await;
    scene.test.demand_factor("acme", true).await;
    scene.provider.lies().claims = claims;
    let page = scene.sign_in().await;
    let level = scene.level().await;
    let expected = if level == "full" { "/" } else { "/step-up" };
    assert_eq!(page.leads_to(), expected);
    level
}

#[tokio::test]
async fn attack_acr_and_amr_absent() {
    assert_eq!(level(&["urn:2fa"], json!({})).await, "pending");
    assert_eq!(level(&[], json!({ "amr": [] })).await, "pending");
    assert_eq!(level(&[], json!({ "acr": "urn:2fa" })).await, "pending", "it is on no list");
}

#[tokio::test]
async fn attack_acr_downgraded() {
    // The provider was asked for the one, essentially, and answers with the other without an error.
    assert_eq!(level(&["urn:2fa"], json!({ "acr": "urn:1fa", "amr": ["pwd"] })).await, "pending");
    assert_eq!(level(&["urn:2fa"], json!({ "acr": "urn:2FA" })).await, "pending");
    assert_eq!(level(&["urn:2fa"], json!({ "amr": ["pwd", "sms"] })).await, "pending");
    assert_eq!(level(&["urn:2fa"], json!({ "acr": "urn:2fa" })).await, "full");
    assert_eq!(level(&[], json!({ "amr": ["pwd", "otp"] })).await, "full");
}

#[tokio::test]
async fn attack_acr_and_amr_of_a_wrong_type() {
    for claims in [
        json!({ "acr": 2 }),
        json!({ "acr": ["urn:2fa"] }),
        json!({ "acr": true }),
        json!({ "amr": "mfa" }),
        json!({ "amr": [1] }),
        json!({ "amr": { "mfa": true } }),
    ] {
        let mut scene = Scene::with(|spec| spec.acr_values = vec!["urn:2fa".to_owned()]).await;
        scene.refuses(|lies| lies.claims = claims).await;
    }
}

#[tokio::test]
async fn acr_is_asked_for_and_as_essential_where_that_is_understood() {
    let mut scene = Scene::with(|spec| spec.acr_values = vec!["urn:2fa".to_owned()]).await;
    scene.provider.lies().metadata = json!({ "claims_parameter_supported": true });
    let url = scene.begin().await;
    let value = |wanted: &str| {
        let found = url.query_pairs().find(|(name, _)| name == wanted);
        found.expect("the parameter").1.into_owned()
    };
    assert_eq!(value("acr_values"), "urn:2fa");
    let claims: Value = serde_json::from_str(&value("claims")).expect("JSON");
    assert_eq!(claims["id_token"]["acr"], json!({ "essential": true, "values": ["urn:2fa"] }));
}

/// IPSIE SL1: the provider may say how long our session lasts, but not make it longer.
#[tokio::test]
async fn a_session_ends_when_the_provider_says() {
    use crate::world::seeds::START_SECONDS as NOW;
    for (expiry, expected) in [(NOW + 600, NOW + 600), (NOW + 1_000_000, NOW + 12 * 3600)] {
        let mut scene = Scene::new().await;
        scene.accepts(|lies| lies.claims = json!({ "session_expiry": expiry })).await;
        let ends = scene.test.database.number("SELECT expires_at / 1000000 FROM sessions").await;
        assert_eq!(ends, expected);
    }
}
