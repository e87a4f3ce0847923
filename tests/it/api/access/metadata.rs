//! Authorization API 1.0, §9: the description of the decision point.

use axum::http::{Method, StatusCode, header};
use serde_json::json;

use crate::api::people::{By, Seat};
use crate::world::PUBLIC_URL;

const PATH: &str = "/.well-known/authzen-configuration";

/// §9.2: 200, JSON, an object; the identifier is what the well-known path was put into; nothing without
/// a value, nothing that is not there.
#[tokio::test]
async fn the_description_is_public_and_names_what_there_is() {
    let seat = Seat::new().await;
    let answer = seat.get(&By::Nobody, PATH).await.expect(StatusCode::OK);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
    assert_eq!(
        answer.body,
        json!({
            "policy_decision_point": PUBLIC_URL,
            "access_evaluation_endpoint": format!("{PUBLIC_URL}/access/v1/evaluation"),
            "access_evaluations_endpoint": format!("{PUBLIC_URL}/access/v1/evaluations"),
        })
    );
    let kept = answer.headers[header::CACHE_CONTROL].to_str().expect("text");
    assert!(kept.contains("max-age="), "{kept}");
    let refused = seat.call(&By::Nobody, Method::POST, PATH, None).await;
    assert_eq!(refused.status, 405);
}
