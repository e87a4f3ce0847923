//! Plays what an identity provider sends, from `scim/shapes/*.json`, and looks at what comes of it.
//!
//! A shape is a list of steps. `send` is method and path; `{name}` stands for the id that a step
//! before kept by `keep`. `filter` is added to the path, encoded. `shows` is what the answer must
//! hold: objects may hold more, lists may not, and null means that there is no such thing.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Method, header};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::world::TestApp;
use crate::world::client::{Answer, Client};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// Why the client sends it, or which shape of it this is.
    why: String,
    send: String,
    filter: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
    status: u16,
    keep: Option<String>,
    shows: Option<Value>,
}

/// Plays the steps one after another, against an account of their own.
pub(crate) async fn play(shape: &str) {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let steps: Vec<Step> = serde_json::from_str(shape).expect("a list of steps");
    let mut kept = BTreeMap::new();
    for step in steps {
        let answer = take(&scim, &step, &kept).await;
        let told = format!("{}: {}\n{}", step.why, step.send, answer.text);
        assert_eq!(answer.status.as_u16(), step.status, "{told}");
        if let Some(name) = step.keep {
            kept.insert(format!("{{{name}}}"), answer.id());
        }
        if let Some(shows) = step.shows {
            let expected = filled(&shows, &kept);
            assert!(holds(&answer.body, &expected), "{told}\nshould show {expected}");
        }
    }
}

async fn take(scim: &Client, step: &Step, kept: &BTreeMap<String, String>) -> Answer {
    let (method, path) = step.send.split_once(' ').expect("method and path");
    let mut path = fill(path, kept);
    if let Some(filter) = &step.filter {
        let filter = fill(filter, kept);
        path.push(if path.contains('?') { '&' } else { '?' });
        path.push_str("filter=");
        path.extend(url::form_urlencoded::byte_serialize(filter.as_bytes()));
    }
    let mut request = scim.request(Method::from_bytes(method.as_bytes()).expect("a method"), &path);
    if step.body.is_some() && !step.headers.contains_key("content-type") {
        request = request.header(header::CONTENT_TYPE, "application/scim+json; charset=utf-8");
    }
    for (name, value) in &step.headers {
        request = request.header(name, value);
    }
    let body = step.body.as_ref().map(|body| filled(body, kept).to_string());
    scim.send(request.body(body.map_or_else(Body::empty, Body::from)).expect("a request")).await
}

fn fill(text: &str, kept: &BTreeMap<String, String>) -> String {
    kept.iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, id))
}

fn filled(value: &Value, kept: &BTreeMap<String, String>) -> Value {
    match value {
        Value::String(text) => Value::String(fill(text, kept)),
        Value::Array(items) => items.iter().map(|item| filled(item, kept)).collect(),
        Value::Object(entries) => {
            entries.iter().map(|(key, value)| (fill(key, kept), filled(value, kept))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// Whether `found` holds what `expected` says.
fn holds(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            expected.iter().all(|(key, value)| holds(found.get(key).unwrap_or(&Value::Null), value))
        }
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len()
                && found.iter().zip(expected).all(|(found, expected)| holds(found, expected))
        }
        (found, expected) => found == expected,
    }
}

#[test]
fn what_is_shown_may_be_more_but_not_less_or_other() {
    let found = json!({ "a": 1, "list": [{ "x": 1, "y": 2 }] });
    for expected in [json!({}), json!({ "list": [{ "x": 1 }] }), json!({ "b": null })] {
        assert!(holds(&found, &expected), "{expected}");
    }
    for expected in
        [json!({ "a": 2 }), json!({ "b": 1 }), json!({ "a": null }), json!({ "list": [] })]
    {
        assert!(!holds(&found, &expected), "{expected}");
    }
}
