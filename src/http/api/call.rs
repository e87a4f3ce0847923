//! One request to the API: who calls, and what was sent.
//!
//! The `Authorization` header counts alone where there is one, even if it opens nothing; else the
//! browser's cookie, and then only for requests that our own pages, or the user, had it send. A pending
//! session is told how to become a full one, and reaches nothing.

pub(super) mod once;

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts as _, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use tokio::time::timeout;

use crate::app::keys::callers::Caller;
use crate::app::{App, Error};
use crate::domain::account::{Account, Slug};
use crate::domain::actor::Actor;
use crate::domain::ids::AccountId;
use crate::domain::keys::products::ProductScope;
use crate::domain::rights::decisions::AccountName;
use crate::domain::sessions::{Level, Session};
use crate::http::api::SEAT;
use crate::http::api::problem::{Kind, Problem};
use crate::http::api::query;
use crate::http::login::language::Language;
use crate::http::login::{cookies, shield};

/// How long a client may take to send a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// How large a body may be; one byte more is refused.
const BODY_BYTES: usize = 64 * 1024;
/// Parameters that would be credentials: in a URL they end in logs and histories.
const CREDENTIALS: [&str; 2] = ["token", "access_token"];

/// A request of somebody whom we know.
pub(super) struct Call {
    /// The application.
    pub(super) app: App,
    language: Language,
    caller: Caller,
    by_cookie: bool,
    /// The account's short name in the path.
    account: Option<String>,
    /// The header `If-Match`.
    pub(super) if_match: Option<String>,
    if_none_match: Option<String>,
    /// The header `Idempotency-Key`.
    key: Option<String>,
    id: Option<String>,
    method: Method,
    path: String,
    query: String,
    is_dry_run: bool,
    media: Option<String>,
    body: Bytes,
}

/// A request that may be tried without being done: `?dryRun=true`, which [`Call::is_dry_run`] says. A
/// handler that takes a [`Call`] alone never sees one, so nothing is done that was only to be tried.
pub(super) struct Rehearsable(pub(super) Call);

impl FromRequest<App> for Rehearsable {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        Call::read(request, app).await.map(Self)
    }
}

impl FromRequest<App> for Call {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let call = Self::read(request, app).await?;
        if call.is_dry_run { Err(call.problem(Kind::NoDryRun)) } else { Ok(call) }
    }
}

impl Call {
    async fn read(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let language = Language::of_browser(&parts.headers);
        let read = async {
            let (caller, by_cookie) = authenticate(app, &parts).await?;
            let query = parts.uri.query().unwrap_or_default().to_owned();
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            if pairs.any(|(name, _)| CREDENTIALS.contains(&name.as_ref())) {
                return Err(Kind::CredentialInUrl);
            }
            let params = RawPathParams::from_request_parts(&mut parts, app).await;
            let params = params.map_err(|_| Kind::NotFound)?;
            let param = |wanted: &str| {
                params.iter().find(|(name, _)| *name == wanted).map(|(_, text)| text.to_owned())
            };
            let (account, id) = (param("account"), param("id"));
            let body = read_body(&parts.method, body).await?;
            Ok(Self {
                app: app.clone(),
                language,
                caller,
                by_cookie,
                account,
                if_match: joined(&parts.headers, header::IF_MATCH),
                if_none_match: joined(&parts.headers, header::IF_NONE_MATCH),
                key: joined(&parts.headers, HeaderName::from_static(once::KEY)),
                id,
                media: media(&parts.headers),
                method: parts.method.clone(),
                path: format!("{SEAT}{}", parts.uri.path()),
                query,
                is_dry_run: false,
                body,
            })
        };
        let mut call = read.await.map_err(|kind| Problem::new(kind, language))?;
        let is_dry_run = query::read_dry_run(&call.query);
        call.is_dry_run = is_dry_run.map_err(|fault| call.wrong_query(vec![fault]))?;
        if !call.method.is_safe() {
            // Nothing else: who misspells it wants a trial, and nothing done.
            call.params(&[query::DRY_RUN])?;
        }
        Ok(call)
    }

    /// Whether it is to be tried, not done: the answer says what would be so, and nothing is kept of it.
    pub(super) fn is_dry_run(&self) -> bool {
        self.is_dry_run
    }

    /// What stands after the `?` in the URL.
    pub(super) fn query(&self) -> &str {
        &self.query
    }

    /// The header `If-None-Match`, where nothing is changed.
    pub(super) fn if_none_match(&self) -> Option<&str> {
        self.if_none_match.as_deref().filter(|_| self.method.is_safe())
    }

    /// The path, whole.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The person's session.
    ///
    /// # Errors
    /// If it is the product that calls.
    pub(super) fn session(&self) -> Result<&Session, Problem> {
        match &self.caller {
            Caller::Person(session) => Ok(session),
            Caller::Product(_) => Err(self.problem(Kind::NotForProducts)),
        }
    }

    /// The session of a person who calls with their browser, not by an access token.
    ///
    /// # Errors
    /// If it is anybody else who calls.
    pub(super) fn browser_session(&self) -> Result<&Session, Problem> {
        let session = self.session()?;
        if self.by_cookie { Ok(session) } else { Err(self.problem(Kind::BrowserOnly)) }
    }

    /// The person who calls, and the account in the path. Whoever is in another finds none.
    ///
    /// # Errors
    /// If it is the product that calls, or the account is another.
    pub(super) async fn own_account(&self) -> Result<(Actor, Account), Problem> {
        let (actor, own) = self.home().await?;
        if self.account.as_deref() == Some(own.slug.as_str()) {
            Ok((actor, own))
        } else {
            Err(self.problem(Kind::NotFound))
        }
    }

    /// The person who calls, and the account that they are signed in to.
    ///
    /// # Errors
    /// If it is the product that calls.
    pub(super) async fn home(&self) -> Result<(Actor, Account), Problem> {
        let session = self.session()?;
        let found = self.app.accounts_of(std::slice::from_ref(session)).await;
        let own = found.map_err(|error| self.fail(&error))?.into_iter().next();
        let account = own.ok_or_else(|| self.problem(Kind::NotFound))?;
        Ok((Actor::User(session.signed_in()), account))
    }

    /// The person who calls, and the account in the path, if it is their own or a child of it. The
    /// operator's staff get it too, so that the use case refuses in words that say whom to ask (S8).
    /// Whatever else is named is answered like an account that is not there.
    ///
    /// # Errors
    /// If it is the product that calls, or the account is not there for them.
    pub(super) async fn account(&self) -> Result<(Actor, Account), Problem> {
        let signed_in = self.session()?.signed_in();
        let slug = self.account.as_deref().and_then(|slug| Slug::parse(slug).ok());
        let slug = slug.ok_or_else(|| self.problem(Kind::NotFound))?;
        let found = self.app.account_reached(&signed_in, &slug).await;
        let account = found.map_err(|error| self.fail(&error))?;
        Ok((Actor::User(signed_in), account))
    }

    /// Lets through the product, by a key of that scope.
    ///
    /// # Errors
    /// If it is anybody else who calls.
    pub(super) fn check_product(&self, scope: ProductScope) -> Result<(), Problem> {
        match &self.caller {
            Caller::Product(client) if client.scopes.contains(&scope) => Ok(()),
            Caller::Product(_) | Caller::Person(_) => Err(self.problem(Kind::OutOfScope(scope))),
        }
    }

    /// The account in the path and who looks at it: the product, by a key of that scope, or a person, as
    /// [`Call::account`] has it.
    ///
    /// # Errors
    /// As [`Call::account`] and [`Call::check_product`].
    pub(super) async fn account_seen(
        &self,
        scope: ProductScope,
    ) -> Result<(Option<Actor>, AccountId), Problem> {
        if let Caller::Person(_) = &self.caller {
            let (actor, account) = self.account().await?;
            return Ok((Some(actor), account.id));
        }
        Ok((None, self.account_of_product(scope).await?))
    }

    /// The account in the path, for the product, by a key of that scope.
    ///
    /// # Errors
    /// If it is anybody else who calls, or there is no such account.
    pub(super) async fn account_of_product(
        &self,
        scope: ProductScope,
    ) -> Result<AccountId, Problem> {
        self.check_product(scope)?;
        let slug = self.account.as_deref().and_then(|slug| Slug::parse(slug).ok());
        let name = AccountName::Slug(slug.ok_or_else(|| self.problem(Kind::NotFound))?);
        let found = self.app.account_named(&name).await.map_err(|error| self.fail(&error))?;
        found.ok_or_else(|| self.problem(Kind::NotFound))
    }

    /// Lets through a session whose second factor was shown within so many seconds; else tells the
    /// client to have it shown again (RFC 9470).
    ///
    /// # Errors
    /// As said.
    pub(super) fn check_fresh(&self, session: &Session, max_age: u32) -> Result<(), Problem> {
        if self.app.is_fresh(session, Duration::from_secs(max_age.into())) {
            return Ok(());
        }
        Err(self.problem(Kind::StepUp(Some(max_age))))
    }

    /// The id in the path.
    ///
    /// # Errors
    /// If it is none; then nothing has it.
    pub(super) fn id<T: std::str::FromStr>(&self) -> Result<T, Problem> {
        let id = self.id.as_deref().and_then(|id| id.parse().ok());
        id.ok_or_else(|| self.problem(Kind::NotFound))
    }

    /// The body as JSON of that form; no body is that form's default. `members` are what it knows.
    ///
    /// # Errors
    /// If the body is something else.
    pub(super) fn json<T: DeserializeOwned + Default>(
        &self,
        members: &'static str,
    ) -> Result<T, Problem> {
        if self.body.is_empty() {
            return Ok(T::default());
        }
        self.check_media("application/json")?;
        // The members in a list, in their order, would read as well.
        let is_object = self.body.trim_ascii_start().starts_with(b"{");
        // Neither database keeps it in texts.
        let is_sound = is_object && !holds_null(&self.body);
        let read = serde_json::from_slice(&self.body).ok().filter(|_| is_sound);
        read.ok_or_else(|| self.problem(Kind::WrongJson(members)))
    }

    /// The one value of a form's field; other fields are passed over (RFC 6749 §3.2).
    ///
    /// # Errors
    /// If the body is no form, or has the field not once or empty.
    pub(super) fn field(&self, name: &'static str) -> Result<String, Problem> {
        self.check_media("application/x-www-form-urlencoded")?;
        let mut values = url::form_urlencoded::parse(&self.body).filter(|(key, _)| key == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) if !value.is_empty() => Ok(value.into_owned()),
            _ => Err(self.problem(Kind::WrongForm(name))),
        }
    }

    /// The problem in the caller's language.
    pub(super) fn problem(&self, kind: Kind) -> Problem {
        Problem::new(kind, self.language)
    }

    /// What an error of the application is to the caller.
    pub(super) fn fail(&self, error: &Error) -> Problem {
        Problem::of(error, self.language)
    }

    /// The language in which the caller is spoken to.
    pub(super) fn language(&self) -> Language {
        self.language
    }

    fn check_media(&self, wanted: &'static str) -> Result<(), Problem> {
        let is_wanted = self.media.as_deref().is_some_and(|is| is.eq_ignore_ascii_case(wanted));
        if is_wanted { Ok(()) } else { Err(self.problem(Kind::MediaType(wanted))) }
    }
}

/// Who calls, and whether by the browser's cookie.
async fn authenticate(app: &App, parts: &Parts) -> Result<(Caller, bool), Kind> {
    let mut told = parts.headers.get_all(header::AUTHORIZATION).into_iter();
    if let Some(first) = told.next() {
        let text = first.to_str().ok().filter(|_| told.next().is_none());
        let known = app.authenticate_api(text.unwrap_or_default()).await;
        return match known {
            Ok(caller) => Ok((caller, false)),
            Err(Error::Unauthenticated(_)) => Err(Kind::WrongToken),
            Err(error) => Err(Kind::of(&error)),
        };
    }
    let cookie = cookies::read(&parts.headers, cookies::SESSION).ok_or(Kind::NotSignedIn)?;
    if !is_own(&parts.method, &parts.headers, app) {
        return Err(Kind::CrossSite);
    }
    let session = app.session(cookie).await.map_err(|error| Kind::of(&error))?;
    match session.level {
        Level::Full => Ok((Caller::Person(Box::new(session)), true)),
        Level::Pending => Err(Kind::StepUp(None)),
    }
}

/// Whether our own pages, or the user, had the browser send it. Stricter than for pages: nobody comes
/// here by a link from another site, so reading is refused to it too.
fn is_own(method: &Method, headers: &HeaderMap, app: &App) -> bool {
    let site = headers.get("sec-fetch-site").map(|site| site.to_str().unwrap_or("?"));
    let is_foreign = site.is_some_and(|site| !["same-origin", "none"].contains(&site));
    !is_foreign && shield::is_own(method, headers, app)
}

async fn read_body(method: &Method, body: Body) -> Result<Bytes, Kind> {
    if method.is_safe() {
        return Ok(Bytes::new());
    }
    let reading = timeout(BODY_TIMEOUT, to_bytes(body, BODY_BYTES)).await;
    reading.map_err(|_| Kind::TooSlow)?.map_err(|error| {
        let is_limit = std::error::Error::source(&error)
            .is_some_and(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>);
        if is_limit { Kind::TooLarge } else { Kind::TooSlow }
    })
}

/// Whether JSON holds a null character, which it can as `\u0000` alone.
fn holds_null(json: &[u8]) -> bool {
    let mut rest = json.iter();
    while let Some(byte) = rest.next() {
        if *byte == b'\\' {
            if rest.as_slice().starts_with(b"u0000") {
                return true;
            }
            rest.next();
        }
    }
    false
}

/// A header of however many lines; what is no text says nothing.
fn joined(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let lines = headers.get_all(name).into_iter();
    let lines: Vec<&str> = lines.map(|line| line.to_str().unwrap_or_default()).collect();
    (!lines.is_empty()).then(|| lines.join(","))
}

/// The body's media type, without its parameters.
fn media(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    text.split(';').next().map(|essence| essence.trim().to_owned())
}

/// Reads a member that is there; one that may not be null is refused if it is.
pub(super) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}
