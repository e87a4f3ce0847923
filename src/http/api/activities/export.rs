//! Activities as a file of any length: read and sent page by page, so that memory holds one page.
//!
//! Who may read them is decided anew with each page. What goes wrong after the first one ends the
//! answer in the middle, which the client's HTTP reports as an error.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use futures_util::stream::{self, once, try_unfold};

use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::event::listed::{Filter, Listed};
use crate::domain::event::ocsf;
use crate::domain::ids::AccountId;
use crate::domain::records::pages::{Order, Wanted};
use crate::http::api::activities::{FILTERS, filter};
use crate::http::api::call::Call;
use crate::http::api::csv;
use crate::http::api::problem::Problem;

/// How many are read at a time.
const BATCH: u32 = 500;
const COLUMNS: [&str; 17] = [
    "id",
    "at",
    "action",
    "outcome",
    "actor_kind",
    "actor_id",
    "actor_name",
    "target_kind",
    "target_id",
    "target_name",
    "detail",
    "door",
    "ip",
    "request_id",
    "policy_version",
    "erased",
    "seq",
];

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// RFC 4180.
    Csv,
    /// A JSON object.
    JsonLines,
    /// The same in the words of OCSF.
    Ocsf,
}

/// How far an export has come.
struct Reading {
    app: App,
    actor: Actor,
    account: AccountId,
    filter: Filter,
    form: Form,
    /// What is to be read next; nothing at the end.
    next: Option<Wanted>,
}

/// All that the caller may see and the filters find, the newest first.
pub(super) async fn all(call: &Call, form: Form) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let filter = filter(call, &call.params(&FILTERS)?)?;
    let order = Order { field: "at", is_descending: true };
    let next = Some(Wanted { order, after: None, limit: BATCH });
    let app = call.app.clone();
    let mut reading = Reading { app, actor, account: account.id, filter, form, next };
    // The first page now, so that a refusal is answered as one.
    let first = reading.page().await.map_err(|error| call.fail(&error))?.unwrap_or_default();
    let head = match form {
        Form::Csv => csv::line(COLUMNS.into_iter()),
        Form::JsonLines | Form::Ocsf => String::new(),
    };
    let begun = once(std::future::ready(Ok::<_, Error>(head + &first)));
    let rest = try_unfold(reading, |mut reading| async move {
        let page = reading.page().await.inspect_err(|error| {
            tracing::error!(%error, "activities.export_broken_off");
        })?;
        Ok::<_, Error>(page.map(|text| (text, reading)))
    });
    let sent: stream::BoxStream<'static, Result<String, Error>> = begun.chain(rest).boxed();
    Ok((form.headers(), Body::from_stream(sent)).into_response())
}

impl Reading {
    /// The lines of the next page.
    async fn page(&mut self) -> Result<Option<String>, Error> {
        let Some(wanted) = self.next.take() else { return Ok(None) };
        let what = (&self.filter, &wanted);
        let part = self.app.activities(&self.actor, self.account, what).await?;
        let text = part.items.iter().map(|it| self.form.line(it)).collect();
        self.next = part.next.map(|place| Wanted { after: Some(place), ..wanted });
        Ok(Some(text))
    }
}

impl Form {
    fn headers(self) -> [(HeaderName, HeaderValue); 2] {
        match self {
            Self::Csv => csv::headers("activities.csv"),
            Self::JsonLines => json_lines("attachment; filename=\"activities.jsonl\""),
            Self::Ocsf => json_lines("attachment; filename=\"activities.ocsf.jsonl\""),
        }
    }

    fn line(self, it: &Listed) -> String {
        match self {
            Self::Csv => row(it),
            Self::JsonLines => format!("{}\n", it.body()),
            Self::Ocsf => format!("{}\n", ocsf::event(it)),
        }
    }
}

fn json_lines(named: &'static str) -> [(HeaderName, HeaderValue); 2] {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/jsonl")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(named)),
    ]
}

fn row(it: &Listed) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let cells = [
        it.id.to_string(),
        it.at.rfc3339(),
        it.action.clone(),
        it.outcome.clone(),
        it.actor.kind.clone(),
        id(it.actor.id),
        text(&it.actor.name),
        it.target.kind.clone(),
        id(it.target.id),
        text(&it.target.name),
        it.detail.as_ref().map(ToString::to_string).unwrap_or_default(),
        text(&it.door),
        it.values().ip.unwrap_or_default(),
        text(&it.request_id),
        text(&it.policy_version),
        it.is_erased().to_string(),
        it.link.as_ref().map(|link| link.seq.to_string()).unwrap_or_default(),
    ];
    csv::line(cells.iter().map(String::as_str))
}
