//! Pages of lists by cursor: `?limit=` says how many, `next` and the header `Link` where to go on.
//!
//! A cursor is the place of the last item shown, and a mark of the list, its filters and its order, as
//! JSON in base64url. It is nobody's secret and gives nobody anything: what may be seen is decided anew
//! with each request.

use axum::http::{HeaderValue, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::domain::records::pages::{Part, Place, PlaceValue};
use crate::http::api::answer;
use crate::http::api::call::Call;
use crate::http::api::query::{ListQuery, Wrong};

/// Bytes of the mark: enough that a mistake is noticed.
const MARK: usize = 9;

/// A cursor, before it is made opaque.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cursor {
    of: String,
    at: At,
    id: Uuid,
}

/// What the list is ordered by, at that place.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum At {
    Number(i64),
    Text(String),
}

impl ListQuery {
    /// The mark of the list at that path, with these filters and in this order.
    pub(super) fn mark(&self, path: &str) -> String {
        let order = self.wanted.order;
        let all = json!([path, self.params.0, order.field, order.is_descending]);
        let digest = Sha256::digest(all.to_string().as_bytes());
        URL_SAFE_NO_PAD.encode(digest.get(..MARK).unwrap_or_default())
    }
}

impl Call {
    /// A page of a list: its items, and where it goes on.
    pub(in crate::http::api) fn page<T>(
        &self,
        query: &ListQuery,
        part: &Part<T>,
        body: impl Fn(&T) -> Value,
    ) -> Response {
        let items: Vec<Value> = part.items.iter().map(body).collect();
        let Some(place) = &part.next else { return answer(&json!({ "items": items })) };
        let next = write(place, query.mark(self.path()));
        let mut response = answer(&json!({ "items": items, "next": next }));
        if let Ok(link) = HeaderValue::from_str(&self.link(&next)) {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }

    /// The header that leads on (RFC 8288): this very request, with that cursor.
    fn link(&self, cursor: &str) -> String {
        let pairs = url::form_urlencoded::parse(self.query().as_bytes());
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs.filter(|(name, _)| name != "cursor"));
        let query = query.append_pair("cursor", cursor).finish();
        format!("<{}{}?{query}>; rel=\"next\"", self.app.settings().public_url, self.path())
    }
}

/// The cursor of a place.
pub(super) fn write(place: &Place, mark: String) -> String {
    let at = match &place.value {
        PlaceValue::Text(text) => At::Text(text.clone()),
        PlaceValue::Number(number) => At::Number(*number),
    };
    let cursor = json!(Cursor { of: mark, at, id: place.id });
    URL_SAFE_NO_PAD.encode(cursor.to_string())
}

/// The place that a cursor of the list with that mark stands for.
pub(super) fn read(cursor: &str, mark: &str, is_text: bool) -> Result<Place, Wrong> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Wrong::Cursor)?;
    let cursor: Cursor = serde_json::from_slice(&bytes).map_err(|_| Wrong::Cursor)?;
    if cursor.of != mark {
        return Err(Wrong::OtherCursor);
    }
    match cursor.at {
        At::Text(text) if is_text && !text.contains('\0') => Ok(Place::text(text, cursor.id)),
        At::Number(number) if !is_text => Ok(Place::number(number, cursor.id)),
        At::Text(_) | At::Number(_) => Err(Wrong::Cursor),
    }
}
