//! A browser without a screen: it keeps cookies, says which language it likes, and sends forms as
//! browsers send those of the same site.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use countersign::app::App;
use countersign::app::sign_in::{Proof, Shown, SignedInNow, SsoProof};
use countersign::domain::ids::{AccountId, SsoId};
use countersign::domain::opaque::reveal;
use countersign::domain::persons::Subject;
use countersign::domain::sessions::Visitor;
use countersign::domain::time::{Clock as _, Timestamp};
use countersign::http;
use countersign::http::tidy_path::TidyPath;
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::world::vouched::{ISSUER, has_password, vouch};
use crate::world::{PUBLIC_URL, TestApp, leaks};

/// The cookie that holds the session.
pub(crate) const SESSION: &str = "__Host-sid";

/// A browser.
#[derive(Clone)]
pub(crate) struct Browser {
    service: TidyPath<Router>,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) language: String,
}

/// A page, or what came instead.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Browser {
    /// One without cookies, that likes English.
    pub(crate) fn new(app: &App) -> Self {
        let service = http::service(app.clone());
        Self { service, cookies: BTreeMap::new(), language: "en".to_owned() }
    }

    /// One that holds a session.
    pub(crate) fn with_session(app: &App, session: &SignedInNow) -> Self {
        let mut browser = Self::new(app);
        browser.cookies.insert(SESSION.to_owned(), reveal(&session.secret).to_owned());
        browser
    }

    /// The same with another language.
    pub(crate) fn speaking(mut self, language: &str) -> Self {
        language.clone_into(&mut self.language);
        self
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        leaks::url(path);
        let request = self.request(Method::GET, path).body(Body::empty());
        self.send(request.expect("a request")).await
    }

    /// Sends a form of our own pages.
    pub(crate) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Page {
        leaks::form(form);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self
            .request(Method::POST, path)
            .header(header::ORIGIN, PUBLIC_URL)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body));
        self.send(request.expect("a request")).await
    }

    /// A request to begin with: what a browser says when it opens a page.
    pub(crate) fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")
            .header(header::ACCEPT_LANGUAGE, &self.language)
            .header(header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64) Firefox/144.0");
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        request
    }

    /// Sends a request, and keeps the cookies that come back.
    pub(crate) async fn send(&mut self, request: Request<Body>) -> Page {
        let response = self.service.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a whole body");
        for line in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(line.to_str().expect("text"));
        }
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        Page { status: parts.status, headers: parts.headers, text }
    }

    fn keep(&mut self, line: &str) {
        let (pair, attributes) = line.split_once(';').expect("attributes");
        let (name, value) = pair.split_once('=').expect("a name and a value");
        if attributes.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            leaks::secret(value);
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl Page {
    /// The page, if it has that status.
    #[track_caller]
    pub(crate) fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Where the browser is sent.
    #[track_caller]
    pub(crate) fn leads_to(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text);
        self.headers[header::LOCATION].to_str().expect("text")
    }
}

/// A password that was right; [`sign_in`] has the user have one.
pub(crate) fn password() -> Shown {
    Shown::Password(Timestamp::from_micros(0))
}

/// A provider's word, with a second factor or without; [`sign_in`] has it be about the user.
pub(crate) fn sso(has_second_factor: bool) -> Shown {
    Shown::Sso(Box::new(SsoProof {
        sso: SsoId::new(Uuid::nil()),
        subject: Subject { issuer: ISSUER.to_owned(), subject: String::new() },
        begun_at: Timestamp::from_micros(0),
        acr: None,
        amr: if has_second_factor { vec!["mfa".to_owned()] } else { vec![] },
        auth_time: None,
        has_second_factor,
        provider_session: None,
        id_token: None,
        ends_at: None,
    }))
}

/// Begins a session for what was shown now, as every way in does. A provider's word is about the user, who
/// is linked first.
pub(crate) async fn sign_in(
    test: &TestApp,
    account: AccountId,
    user: &str,
    shown: Shown,
) -> Result<SignedInNow, countersign::app::Error> {
    let proof = proven(test, account, user, shown).await;
    test.app.finish_login(&proof, Visitor::default(), None).await
}

/// What was shown now as a proof about the user, who is linked first to what a provider calls them.
pub(crate) async fn proven(
    test: &TestApp,
    account: AccountId,
    user: &str,
    mut shown: Shown,
) -> Proof {
    match &mut shown {
        Shown::Sso(word) => {
            vouch(test, word.sso.uuid(), account, user).await;
            user.clone_into(&mut word.subject.subject);
            word.begun_at = test.clock.now();
            word.auth_time = Some(test.clock.now());
        }
        Shown::Password(set_at) => *set_at = has_password(&test.database, account, user).await,
    }
    Proof { account, user: user.parse().expect("an id"), shown }
}
