//! A SCIM client that takes nothing for granted: each answer is compared with what it should be.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde_json::Value;

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Letters of an answer that an error shows.
const SHOWN: usize = 600;

/// The client; counts what it sends.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
    requests: AtomicU64,
}

/// An answer with the status that was expected.
#[derive(Debug)]
pub(super) struct Answer {
    request: String,
    /// The body; null if there is none.
    pub(super) body: Value,
}

impl Client {
    /// A client of the SCIM base URL `base`, which is reached at `address` whatever its host name means
    /// to this machine.
    ///
    /// # Errors
    /// If the HTTP client cannot be built.
    pub(super) fn new(
        base: &str,
        address: std::net::SocketAddr,
        token: &str,
    ) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .resolve("localhost", address)
            .timeout(TIMEOUT)
            .user_agent(concat!("countersign-demo/", env!("CARGO_PKG_VERSION")))
            .build()?;
        let (base, token) = (base.to_owned(), token.to_owned());
        Ok(Self { http, base, token, requests: AtomicU64::new(0) })
    }

    /// Requests sent so far.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// GET, which must give 200.
    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(Method::GET, path, None, 200).await
    }

    /// The list of what a filter finds, with more parameters that begin with `&`.
    pub(super) async fn find(
        &self,
        endpoint: &str,
        filter: &str,
        more: &str,
    ) -> anyhow::Result<Answer> {
        let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let filter = filter.replace('+', "%20");
        self.get(&format!("{endpoint}?filter={filter}{more}")).await
    }

    /// POST, which must give 201.
    pub(super) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.send(Method::POST, path, Some(body), 201).await
    }

    /// PATCH of a user, which must give 200 with the user.
    pub(super) async fn patch_user(&self, id: &str, body: &Value) -> anyhow::Result<Answer> {
        self.send(Method::PATCH, &format!("/Users/{id}"), Some(body), 200).await
    }

    /// PATCH of a group, which must give 204.
    pub(super) async fn patch_group(&self, id: &str, body: &Value) -> anyhow::Result<Answer> {
        self.send(Method::PATCH, &format!("/Groups/{id}"), Some(body), 204).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        expected: u16,
    ) -> anyhow::Result<Answer> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let request = format!("{method} {}{path}", self.base);
        let mut sent =
            self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some(body) = body {
            let media_type = HeaderValue::from_static("application/scim+json; charset=utf-8");
            sent = sent.header(CONTENT_TYPE, media_type).body(body.to_string());
        }
        let answer = sent.send().await.with_context(|| format!("{request}: no answer"))?;
        let status = answer.status().as_u16();
        let text = answer.text().await.with_context(|| format!("{request}: half an answer"))?;
        if status != expected {
            anyhow::bail!("{request}: expected {expected}, got {status}: {}", shown(&text));
        }
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text)
                .with_context(|| format!("{request}: the answer is not JSON: {}", shown(&text)))?
        };
        Ok(Answer { request, body })
    }
}

impl Answer {
    /// The answer, if at that place (a JSON pointer) it holds that value.
    ///
    /// # Errors
    /// Says which request it was and what came back.
    pub(super) fn with(self, pointer: &str, expected: &Value) -> anyhow::Result<Self> {
        let found = self.body.pointer(pointer).unwrap_or(&Value::Null);
        if found == expected {
            return Ok(self);
        }
        let (request, body) = (&self.request, self.body.to_string());
        anyhow::bail!("{request}: expected {pointer} = {expected}, got {found} in {}", shown(&body))
    }

    /// The text at that place.
    ///
    /// # Errors
    /// Likewise, if there is none.
    pub(super) fn text(&self, pointer: &str) -> anyhow::Result<String> {
        let found = self.body.pointer(pointer).and_then(Value::as_str);
        found.map(str::to_owned).with_context(|| self.lacks(pointer, "a text"))
    }

    /// The number at that place.
    ///
    /// # Errors
    /// Likewise, if there is none.
    pub(super) fn number(&self, pointer: &str) -> anyhow::Result<u64> {
        let found = self.body.pointer(pointer).and_then(Value::as_u64);
        found.with_context(|| self.lacks(pointer, "a number"))
    }

    fn lacks(&self, pointer: &str, what: &str) -> String {
        let body = self.body.to_string();
        format!("{}: expected {what} at {pointer}, got {}", self.request, shown(&body))
    }
}

fn shown(text: &str) -> String {
    if text.is_empty() {
        return "nothing".to_owned();
    }
    text.chars().take(SHOWN).collect()
}
