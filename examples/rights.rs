//! What a product does with rights: it keeps what its users hold, and asks for a decision where that matters.
//!
//! Usage: `URL=http://localhost:8080 PRODUCT_KEY=csp_... ACCOUNT=acme cargo run --example rights`
//!
//! `PRODUCT_KEY` is what `countersign product-key create --name shop --scope decisions --scope rights` prints.
//! Each line of the standard input is a question, a user's id and rights: `018f… campaigns.edit data.export`.
//! Each right is answered twice, out of the copy that is kept here and by the server's decision:
//! `campaigns.edit: yes, decided: yes (kept)`. The last word says what the copy took: `kept` nothing but the
//! feed of changes, `confirmed` a request whose `ETag` still held, `read` a request that brought it anew.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::io::{self, BufRead, Write};
use std::time::Duration;

use anyhow::{Context as _, bail};
use reqwest::header::{ETAG, HeaderMap, IF_NONE_MATCH};
use reqwest::{RequestBuilder, StatusCode, Url};
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let server = Server::new(setting("URL")?, setting("PRODUCT_KEY")?, setting("ACCOUNT")?)?;
    run(server, &mut io::BufReader::new(io::stdin()), &mut io::stdout()).await
}

/// Answers the questions on `input`, to its end.
///
/// # Errors
/// If the server does not answer as it should, or a question is none.
pub(crate) async fn run(
    server: Server,
    input: &mut (dyn BufRead + Send),
    output: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let mut cache = Cache { server, copies: BTreeMap::new(), since: None };
    for line in input.lines() {
        let line = line?;
        let mut words = line.split_ascii_whitespace();
        let user = words.next().context("a question is a user's id and rights")?;
        let rights: Vec<&str> = words.collect();
        let (copy, took) = cache.copy(user).await?;
        let held: Vec<bool> = rights.iter().map(|right| copy.rights.contains(*right)).collect();
        let decided = cache.server.decide(user, &rights).await?;
        for ((right, held), decided) in rights.iter().zip(held).zip(decided) {
            let (held, decided) = (word(held), word(decided));
            writeln!(output, "{right}: {held}, decided: {decided} ({took})")?;
        }
    }
    Ok(())
}

/// Where to ask, and as whom.
pub(crate) struct Server {
    client: reqwest::Client,
    url: String,
    key: String,
    account: String,
}

/// What is kept of all users.
struct Cache {
    server: Server,
    copies: BTreeMap<String, Copy>,
    /// How far the feed was read.
    since: Option<String>,
}

/// What is kept of one user.
struct Copy {
    /// What they hold in the whole account.
    rights: BTreeSet<String>,
    /// When time alone changes that.
    good_until: Option<OffsetDateTime>,
    etag: String,
    /// Whether the feed, or time, said that it may have changed.
    is_doubtful: bool,
}

/// A page of the feed.
#[derive(Deserialize)]
struct FeedPage {
    changes: Vec<Changed>,
    next: String,
    more: bool,
}

/// Whose rights may have changed: one user's, or all of the account's.
#[derive(Deserialize)]
struct Changed {
    user: Option<String>,
}

/// A user's rights as they are answered.
#[derive(Deserialize)]
struct Answered {
    account: String,
    rights: Vec<Held>,
    good_until: Option<String>,
}

/// A right, and where it is held.
#[derive(Deserialize)]
struct Held {
    right: String,
    account: String,
    workspace: Option<String>,
}

/// The answers to several questions.
#[derive(Deserialize)]
struct Decisions {
    evaluations: Vec<Decision>,
}

/// One answer.
#[derive(Deserialize)]
struct Decision {
    decision: bool,
}

impl Cache {
    /// What somebody holds now, and what it took to know it.
    async fn copy(&mut self, user: &str) -> anyhow::Result<(&Copy, &'static str)> {
        self.catch_up().await?;
        let now = now();
        let known = self.copies.get(user);
        let is_good =
            |copy: &&Copy| !copy.is_doubtful && copy.good_until.is_none_or(|end| now < end);
        let took = if known.as_ref().is_some_and(is_good) {
            "kept"
        } else if let Some(new) = self.server.read(user, known.map(|copy| &copy.etag)).await? {
            self.copies.insert(user.to_owned(), new);
            "read"
        } else {
            "confirmed"
        };
        let copy = self.copies.get_mut(user).context("what is not kept was not confirmed")?;
        copy.is_doubtful = false;
        Ok((copy, took))
    }

    /// Doubts the copy of a user, or all of them.
    fn doubt(&mut self, user: Option<&str>) {
        for (whose, copy) in &mut self.copies {
            copy.is_doubtful |= user.is_none_or(|user| user == whose);
        }
    }

    /// Reads what may have changed since the last time, and doubts the copies of it.
    async fn catch_up(&mut self) -> anyhow::Result<()> {
        loop {
            let page = self.server.changes(self.since.as_deref()).await?;
            page.changes.iter().for_each(|changed| self.doubt(changed.user.as_deref()));
            self.since = Some(page.next);
            if !page.more {
                return Ok(());
            }
        }
    }
}

impl Server {
    /// The server at that URL, and an account there, for whoever has that product key.
    ///
    /// # Errors
    /// If this machine's certificates cannot be read.
    pub(crate) fn new(url: String, key: String, account: String) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?;
        Ok(Self { client, url, key, account })
    }

    /// A user's rights; none if they are those of the `ETag`.
    async fn read(&self, user: &str, etag: Option<&String>) -> anyhow::Result<Option<Copy>> {
        let mut request = self.client.get(format!("{}/users/{user}/rights", self.seat()));
        if let Some(etag) = etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let (status, headers, body) = self.send(request).await?;
        if status == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        let read: Answered = serde_json::from_slice(&body)?;
        let is_everywhere = |held: &&Held| held.account == read.account && held.workspace.is_none();
        let rights = read.rights.iter().filter(is_everywhere).map(|held| held.right.clone());
        let etag = headers.get(ETAG).context("no ETag")?.to_str()?.to_owned();
        let moment = |text: &String| OffsetDateTime::parse(text, &Rfc3339);
        let good_until = read.good_until.as_ref().map(moment).transpose()?;
        Ok(Some(Copy { rights: rights.collect(), good_until, etag, is_doubtful: false }))
    }

    /// What may have changed since that cursor.
    async fn changes(&self, since: Option<&str>) -> anyhow::Result<FeedPage> {
        let url = format!("{}/rights/changes", self.seat());
        let url = Url::parse_with_params(&url, since.map(|since| ("since", since)))?;
        Ok(serde_json::from_slice(&self.send(self.client.get(url)).await?.2)?)
    }

    /// Whether a user has these rights in the whole account: all in one request (`OpenID` `AuthZEN` 1.0).
    async fn decide(&self, user: &str, rights: &[&str]) -> anyhow::Result<Vec<bool>> {
        let questions: Vec<Value> =
            rights.iter().map(|right| json!({ "action": { "name": right } })).collect();
        let body = json!({
            "subject": { "type": "user", "id": user },
            "resource": { "type": "account", "id": self.account },
            "evaluations": questions,
        });
        let url = format!("{}/access/v1/evaluations", self.url);
        let (_, _, body) = self.send(self.client.post(url).json(&body)).await?;
        let decisions: Decisions = serde_json::from_slice(&body)?;
        Ok(decisions.evaluations.iter().map(|it| it.decision).collect())
    }

    fn seat(&self) -> String {
        format!("{}/api/v1/accounts/{}", self.url, self.account)
    }

    async fn send(
        &self,
        request: RequestBuilder,
    ) -> anyhow::Result<(StatusCode, HeaderMap, Vec<u8>)> {
        let answer = request.bearer_auth(&self.key).send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await?.to_vec();
        if status != StatusCode::OK && status != StatusCode::NOT_MODIFIED {
            bail!("{status}: {}", String::from_utf8_lossy(&body));
        }
        Ok((status, headers, body))
    }
}

fn word(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "no" }
}

#[expect(clippy::disallowed_methods, reason = "a program of its own, with no settings but these")]
fn setting(name: &str) -> anyhow::Result<String> {
    env::var(name).with_context(|| format!("set {name}: the head of the example says to what"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a program of its own, with no clock but the machine's"
)]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
