//! The header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a request that is sent again
//! because its answer was lost is answered again, not done again.
//!
//! A key belongs to who sends it and to the account, for 24 hours. Whether the caller may do it is asked
//! each time. What was refused was not done, and is forgotten: it may be sent again with its key. A client
//! that hangs up changes nothing: once begun, the request is done to its end, and its answer kept.
//!
//! ```text
//! pub(super) async fn add(call: Call) -> Result<Response, Problem> {
//!     let (actor, account) = call.account().await?;
//!     let command = Command::…;                       // a body that is wrong is refused before
//!     let wish = Wish { actor, account, command };
//!     call.once(Keeps::Answer, wish, added).await     // `Keeps::Nothing` if the answer holds a secret
//! }
//!
//! async fn added(call: Call, wish: Wish) -> Result<Response, Problem> { … }
//! ```

use axum::body::{Body, to_bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::app::change::origin;
use crate::domain::account::Account;
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::records::answers::{Claimed, KeptAnswer, RequestKey};
use crate::http::api::call::Call;
use crate::http::api::problem::{Kind, Problem};

/// The header.
pub(super) const KEY: &str = "idempotency-key";
/// What says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The headers that are kept with an answer.
const HEADERS: [HeaderName; 4] =
    [header::CONTENT_TYPE, header::CONTENT_LANGUAGE, header::LOCATION, header::ETAG];
/// Bytes of a key at most.
const LENGTH: usize = 255;

/// What is kept of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http::api) enum Keeps {
    /// All of it.
    Answer,
    /// That it was given: it holds a secret, which is shown once.
    Nothing,
}

/// What somebody wants done.
#[derive(Debug)]
pub(in crate::http::api) struct Wish {
    /// Who.
    pub(in crate::http::api) actor: Actor,
    /// In which account.
    pub(in crate::http::api) account: Account,
    /// What.
    pub(in crate::http::api) command: Command,
}

impl Call {
    /// Does what is wished, or answers as before if it was done already. A trial is not kept.
    ///
    /// # Errors
    /// As `act`, and if the key is none, or came with another request.
    pub(in crate::http::api) async fn once<F, Done>(
        self,
        keeps: Keeps,
        wish: Wish,
        act: F,
    ) -> Result<Response, Problem>
    where
        F: FnOnce(Self, Wish) -> Done + Send + 'static,
        Done: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        let Some(key) = self.key.as_deref().filter(|_| !self.is_dry_run) else {
            return act(self, wish).await;
        };
        let key = read(key).ok_or_else(|| self.problem(Kind::InvalidKey))?;
        let Some(actor) = wish.actor.id() else { return act(self, wish).await };
        let (id, fingerprint) = self.fingerprint(key);
        let key = RequestKey { account: wish.account.id, actor, key: id, fingerprint };
        let may = self.app.check(&wish.actor, &wish.command).await;
        may.map_err(|error| self.fail(&error))?;
        let language = self.language;
        let work = tokio::spawn(origin::kept(self.first(keeps, key, wish, act)));
        work.await.unwrap_or_else(|_| Err(Problem::new(Kind::Internal, language)))
    }

    /// Takes the request and does it, or answers as before: all of it to its end, whoever waits for it.
    async fn first<F, Done>(
        self,
        keeps: Keeps,
        key: RequestKey,
        wish: Wish,
        act: F,
    ) -> Result<Response, Problem>
    where
        F: FnOnce(Self, Wish) -> Done,
        Done: Future<Output = Result<Response, Problem>>,
    {
        let claimed = self.app.claim_request(&key).await.map_err(|error| self.fail(&error))?;
        match claimed {
            Claimed::First => {
                let app = self.app.clone();
                settle(&app, key, keeps, act(self, wish).await).await
            }
            Claimed::Other => Err(self.problem(Kind::KeyReused)),
            Claimed::Running => Err(self.problem(Kind::KeyInUse)),
            Claimed::Done => Err(self.problem(Kind::AnswerNotKept)),
            Claimed::Kept(kept) => replay(kept).ok_or_else(|| self.problem(Kind::Internal)),
        }
    }

    /// The hash of the key, and the fingerprint of the request, which nobody can guess without the key.
    fn fingerprint(&self, key: &str) -> (String, [u8; 32]) {
        let secret = Sha256::digest(format!("fingerprint {key}"));
        let mut hash = Sha256::new_with_prefix(secret);
        for part in [self.method.as_str(), &self.path, &self.query] {
            hash.update(part);
            hash.update([0]);
        }
        hash.update(&self.body);
        (URL_SAFE_NO_PAD.encode(Sha256::digest(format!("key {key}"))), hash.finalize().into())
    }
}

/// Notes what came of a request.
async fn settle(
    app: &App,
    key: RequestKey,
    keeps: Keeps,
    done: Result<Response, Problem>,
) -> Result<Response, Problem> {
    let status = match &done {
        Ok(response) => response.status(),
        Err(problem) => problem.status(),
    };
    let (noted, done) = match done {
        Ok(response) if status.is_success() => {
            let (kept, response) = copy(response).await;
            let kept = kept.filter(|_| keeps == Keeps::Answer);
            (app.keep_answer(key, status.as_u16(), kept).await, Ok(response))
        }
        // Nobody knows whether it was done.
        done if status == StatusCode::INTERNAL_SERVER_ERROR => (Ok(()), done),
        done => (app.forget_request(key).await, done),
    };
    if let Err(error) = noted {
        tracing::error!(%error, "api.answer_not_kept");
    }
    done
}

/// A copy of an answer, beside the answer.
async fn copy(response: Response) -> (Option<KeptAnswer>, Response) {
    let (parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return (None, Response::from_parts(parts, Body::empty()));
    };
    let header = |name: &HeaderName| {
        let value = parts.headers.get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    };
    let kept = std::str::from_utf8(&bytes).ok().map(|body| KeptAnswer {
        status: parts.status.as_u16(),
        headers: HEADERS.iter().filter_map(header).collect(),
        body: body.to_owned(),
    });
    (kept, Response::from_parts(parts, Body::from(bytes)))
}

/// An answer that was given before.
fn replay(kept: KeptAnswer) -> Option<Response> {
    let mut response = Response::new(Body::from(kept.body));
    *response.status_mut() = StatusCode::from_u16(kept.status).ok()?;
    let headers = response.headers_mut();
    for (name, value) in &kept.headers {
        let (name, value) = (HeaderName::try_from(name), HeaderValue::try_from(value));
        headers.insert(name.ok()?, value.ok()?);
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    Some(response)
}

/// The key in the header: the draft's string in quotes, or what many send, without.
fn read(header: &str) -> Option<&str> {
    let header = header.trim();
    let key = match header.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => header,
    };
    let is_plain =
        key.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\');
    (is_plain && (1..=LENGTH).contains(&key.len())).then_some(key)
}

#[cfg(test)]
mod tests;
