//! A SCIM client that speaks to the application's own service, headers and all.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use countersign::http::tidy_path::TidyPath;
use serde_json::Value;
use tower::ServiceExt as _;

/// A client of one account.
#[derive(Clone)]
pub(crate) struct Client {
    service: TidyPath<Router>,
    account: String,
    token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// The body as JSON; null if it is empty.
    pub(crate) body: Value,
}

impl Client {
    pub(crate) fn new(service: TidyPath<Router>, account: &str, token: Option<&str>) -> Self {
        Self { service, account: account.to_owned(), token: token.map(str::to_owned) }
    }

    /// The path of an account's SCIM base, without host.
    pub(crate) fn base(&self) -> String {
        format!("/accounts/{}/scim/v2", self.account)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).body(Body::empty()).expect("a request")).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path).body(Body::empty()).expect("a request")).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.write(Method::POST, path, body.to_string()).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.write(Method::PUT, path, body.to_string()).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.write(Method::PATCH, path, body.to_string()).await
    }

    /// Sends bytes as they are.
    pub(crate) async fn write(&self, method: Method, path: &str, body: impl Into<Body>) -> Answer {
        let request =
            self.request(method, path).header(header::CONTENT_TYPE, "application/scim+json");
        self.send(request.body(body.into()).expect("a request")).await
    }

    /// A list filtered, the filter encoded for the URL.
    pub(crate) async fn filter(&self, endpoint: &str, filter: &str) -> Answer {
        let query: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        self.get(&format!("{endpoint}?filter={query}")).await
    }

    /// A request to begin with: the token, if there is one, and the path below the base.
    pub(crate) fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base()));
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        request
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.service.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a whole body");
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, text, body }
    }

    /// Makes a user of that userName; its id.
    pub(crate) async fn user(&self, user_name: &str) -> String {
        let answer = self.post("/Users", &serde_json::json!({ "userName": user_name })).await;
        answer.expect(StatusCode::CREATED).id()
    }

    /// Makes a group with those members; its id.
    pub(crate) async fn group(&self, display_name: &str, members: &[String]) -> String {
        let members: Vec<Value> =
            members.iter().map(|id| serde_json::json!({ "value": id })).collect();
        let body = serde_json::json!({ "displayName": display_name, "members": members });
        self.post("/Groups", &body).await.expect(StatusCode::CREATED).id()
    }

    /// The ids of a group's members, sorted.
    pub(crate) async fn member_ids(&self, group: &str) -> Vec<String> {
        let answer = self.get(&format!("/Groups/{group}")).await.expect(StatusCode::OK);
        let members = answer.body["members"].as_array().cloned().unwrap_or_default();
        let mut ids: Vec<String> =
            members.iter().map(|m| m["value"].as_str().expect("an id").to_owned()).collect();
        ids.sort();
        ids
    }
}

impl Answer {
    /// The answer, if it has that status.
    #[track_caller]
    pub(crate) fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// A refusal in the form of RFC 7644 §3.12.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, scim_type: Option<&str>) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/scim+json");
        assert_eq!(self.body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
        assert_eq!(self.body["status"], status.to_string());
        assert_eq!(self.body["scimType"].as_str(), scim_type, "{}", self.text);
        assert!(self.body["detail"].as_str().is_some_and(|d| !d.is_empty()), "{}", self.text);
        self
    }

    /// The resource's id.
    #[track_caller]
    pub(crate) fn id(&self) -> String {
        self.body["id"].as_str().expect("an id").to_owned()
    }

    /// The ids in a list, in its order.
    #[track_caller]
    pub(crate) fn ids(&self) -> Vec<String> {
        let resources = self.body["Resources"].as_array().expect("a list");
        resources.iter().map(|r| r["id"].as_str().expect("an id").to_owned()).collect()
    }

    /// `totalResults`.
    #[track_caller]
    pub(crate) fn total(&self) -> u64 {
        self.body["totalResults"].as_u64().expect("a total")
    }
}
