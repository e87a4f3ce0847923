//! Where browsers come: to say who they are, and to sign out.

use axum::extract::{Path, Query, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::domain::time::Timestamp;
use crate::http::demo::{CLIENT_ID, DemoProvider, Guest, lock, pages};

/// How long a code may wait to be exchanged, in seconds.
const CODE_SECONDS: i64 = 60;
/// How many codes may wait; one more drops the oldest.
const WAITING: usize = 100;

/// What a code stands for.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    code: String,
    organisation: String,
    challenge: String,
    /// Who it is.
    pub(super) subject: String,
    /// What the ID token is to repeat.
    pub(super) nonce: String,
    /// Where the code was sent.
    pub(super) redirect_uri: String,
    /// When they said so.
    pub(super) at: Timestamp,
}

/// What an authorization request asks for, and whom the browser has chosen to be.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    client_id: String,
    redirect_uri: String,
    response_type: String,
    state: String,
    nonce: String,
    code_challenge: String,
    code_challenge_method: String,
    person: Option<String>,
}

/// What a browser brings that signs out.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Leaving {
    post_logout_redirect_uri: String,
    state: Option<String>,
}

/// `GET /{organisation}/authorize`: asks who it is; with `person`, the answer.
pub(super) async fn authorize(
    State(provider): State<DemoProvider>,
    Path(slug): Path<String>,
    (RawQuery(query), Query(asked)): (RawQuery, Query<Asked>),
    headers: HeaderMap,
) -> Response {
    let Some(organisation) = provider.organisation(&slug) else {
        return pages::unknown(&headers);
    };
    if !provider.is_sound(&asked) {
        return pages::not_ours(&headers);
    }
    if let Some(place) = provider.answer(&slug, &asked) {
        return Redirect::to(place.as_str()).into_response();
    }
    let choose = |guest: Guest| {
        let pairs = url::form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes());
        let pairs = pairs.filter(|(name, _)| name != "person");
        let mut chosen = url::form_urlencoded::Serializer::new(String::new());
        let chosen = chosen.extend_pairs(pairs).append_pair("person", &guest.subject).finish();
        (format!("/{slug}/authorize?{chosen}"), guest)
    };
    let people = organisation.people.into_iter().map(choose).collect();
    pages::who(&organisation.name, people, &headers)
}

/// `GET /{organisation}/end`: there is no session here, so the browser is sent back at once.
pub(super) async fn end(
    State(provider): State<DemoProvider>,
    Query(leaving): Query<Leaving>,
    headers: HeaderMap,
) -> Response {
    let own = format!("{}/signed-out", provider.shared.server);
    let place = Url::parse(&own).ok().filter(|_| leaving.post_logout_redirect_uri == own);
    let Some(mut place) = place else { return pages::not_ours(&headers) };
    if let Some(state) = &leaving.state {
        place.query_pairs_mut().append_pair("state", state);
    }
    Redirect::to(place.as_str()).into_response()
}

impl DemoProvider {
    /// Whom somebody says to be who was sent to an authorization URL; the URL to go back to.
    pub fn choose(&self, url: &str, subject: &str) -> Option<Url> {
        let url = Url::parse(url).ok()?;
        let slug = url.path().strip_prefix('/')?.strip_suffix("/authorize")?;
        let Query(mut asked) = Query::<Asked>::try_from_uri(&url.as_str().parse().ok()?).ok()?;
        asked.person = Some(subject.to_owned());
        self.answer(slug, &asked).filter(|_| self.is_sound(&asked))
    }

    /// The grant of a code, once, for whoever knows the verifier of its challenge.
    pub(super) fn redeem(&self, organisation: &str, code: &str, verifier: &str) -> Option<Grant> {
        let mut grants = lock(&self.shared.grants);
        let at = grants.iter().position(|grant| grant.code == code)?;
        let grant = grants.remove(at)?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        let age = self.shared.clock.now().micros() - grant.at.micros();
        let is_right = grant.organisation == organisation
            && grant.challenge == challenge
            && age <= CODE_SECONDS * 1_000_000;
        is_right.then_some(grant)
    }

    fn is_sound(&self, asked: &Asked) -> bool {
        asked.client_id == CLIENT_ID
            && asked.redirect_uri.starts_with(&format!("{}/oidc/callback/", self.shared.server))
            && asked.response_type == "code"
            && asked.code_challenge_method == "S256"
            && !asked.code_challenge.is_empty()
    }

    /// Where the browser takes the code of the person it chose; none if it chose nobody known.
    fn answer(&self, organisation: &str, asked: &Asked) -> Option<Url> {
        let subject = asked.person.clone()?;
        let people = self.organisation(organisation)?.people;
        people.iter().find(|guest| guest.subject == subject)?;
        let code = self.random();
        let mut place = Url::parse(&asked.redirect_uri).ok()?;
        place
            .query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &asked.state)
            .append_pair("iss", &self.issuer(organisation));
        let grant = Grant {
            code,
            organisation: organisation.to_owned(),
            challenge: asked.code_challenge.clone(),
            subject,
            nonce: asked.nonce.clone(),
            redirect_uri: asked.redirect_uri.clone(),
            at: self.shared.clock.now(),
        };
        let mut grants = lock(&self.shared.grants);
        grants.push_back(grant);
        if grants.len() > WAITING {
            grants.pop_front();
        }
        Some(place)
    }
}
