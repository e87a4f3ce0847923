//! Parameters in the URL, all checked in one place: what an endpoint does not know is refused, so that a
//! misspelt filter never answers with everything.
//!
//! A filter is one parameter for each field, `?state=active&name=Editors`, and all of them hold at once.
//! To have an endpoint take parameters:
//!
//! ```text
//! call.params(&["right", "at"])?                          // not a list
//!
//! const LIST: List = List {                               // a list: `limit`, `cursor` and `sort` too
//!     filters: &["group", "name"],
//!     sorts: &[Sort::text("name"), Sort::moment("created_at")],   // the first is the default
//! };
//! let query = call.list_query(&LIST)?;
//! let group = query.params.parsed(&call, "group", Wrong::Id, |text| text.parse().ok())?;
//! let part = call.app.mappings(&actor, account.id, &query.wanted).await?;   // store/lists/keyset.rs
//! Ok(call.page(&query, &part, body))
//! ```

pub(super) mod paging;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::domain::records::pages::{Order, Wanted};
use crate::http::api::call::Call;
use crate::http::api::problem::{Field, Kind, Problem};
use crate::http::api::texts;

/// How many items a page holds where nothing is said, and at most.
const LIMIT: (u32, u32) = (50, 200);
/// The parameter of a request that is to be tried, not done.
pub(super) const DRY_RUN: &str = "dryRun";
/// Bytes of a value at most.
const VALUE: usize = 1024;

/// What a list takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct List {
    /// Fields to filter by.
    pub(super) filters: &'static [&'static str],
    /// Fields to sort by; the first one where nothing is said.
    pub(super) sorts: &'static [Sort],
}

/// A field to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sort {
    name: &'static str,
    is_text: bool,
    /// Whether the largest comes first where nothing is said.
    starts_high: bool,
}

/// The parameters of a request, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Params(BTreeMap<&'static str, String>);

/// What is wanted of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListQuery {
    /// The filters.
    pub(super) params: Params,
    /// Which part, in which order.
    pub(super) wanted: Wanted,
}

/// What is wrong with a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It is none of these.
    Unknown(Vec<&'static str>),
    /// It is there twice.
    Twice,
    /// It is too long, or holds a null character.
    Text,
    /// It is no number from 1 to that.
    Limit(u32),
    /// The list is not sorted by it, but by these.
    Sort(Vec<&'static str>),
    /// It is no cursor of ours.
    Cursor,
    /// It is a cursor of another list, or of this one with other parameters.
    OtherCursor,
    /// It is neither `true` nor `false`.
    Truth,
    /// It is no id.
    Id,
    /// It is not a past moment as RFC 3339 has it.
    Moment,
    /// It is no moment as RFC 3339 has it, past or to come.
    AnyMoment,
    /// It is none of these words.
    Word(Vec<&'static str>),
}

/// A parameter that is wrong.
pub(super) type Fault = (String, Wrong);

impl Sort {
    /// A field with text, by its folded key.
    pub(super) const fn text(name: &'static str) -> Self {
        Self { name, is_text: true, starts_high: false }
    }

    /// A field with a moment, or another number.
    pub(super) const fn moment(name: &'static str) -> Self {
        Self { name, is_text: false, starts_high: false }
    }

    /// A field with a moment, of a list that begins with the newest.
    pub(super) const fn newest_first(name: &'static str) -> Self {
        Self { name, is_text: false, starts_high: true }
    }
}

impl Params {
    /// Reads what stands after the `?`: each of these names once at most, and no other.
    fn read(query: &str, known: &[&'static str]) -> Result<Self, Vec<Fault>> {
        let (mut params, mut faults) = (BTreeMap::new(), vec![]);
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let Some(known) = known.iter().find(|known| **known == name) else {
                let name = name.chars().take(100).collect();
                faults.push((name, Wrong::Unknown(known.to_vec())));
                continue;
            };
            let mut fault = |wrong| faults.push(((*known).to_owned(), wrong));
            match params.entry(*known) {
                Entry::Occupied(_) => fault(Wrong::Twice),
                Entry::Vacant(_) if value.len() > VALUE || value.contains('\0') => {
                    fault(Wrong::Text);
                }
                Entry::Vacant(place) => drop(place.insert(value.into_owned())),
            }
        }
        if faults.is_empty() { Ok(Self(params)) } else { Err(faults) }
    }

    /// The value of a parameter, if it is there.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The same, read as something else. `wrong` says what is wrong with what does not read.
    ///
    /// # Errors
    /// If it does not read.
    pub(super) fn parsed<T>(
        &self,
        call: &Call,
        name: &'static str,
        wrong: Wrong,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        read(text).map(Some).ok_or_else(|| call.wrong_query(vec![(name.to_owned(), wrong)]))
    }
}

impl ListQuery {
    /// Reads what a list at that path is asked for.
    fn read(path: &str, query: &str, list: &List) -> Result<Self, Vec<Fault>> {
        let known: Vec<&'static str> =
            list.filters.iter().copied().chain(["sort", "limit", "cursor"]).collect();
        let Params(mut params) = Params::read(query, &known)?;
        let mut faults = vec![];
        let sort = params.remove("sort");
        let limit = params.remove("limit").map(|text| read_limit(&text));
        let limit = limit.unwrap_or(Some(LIMIT.0)).unwrap_or_else(|| {
            faults.push(("limit".to_owned(), Wrong::Limit(LIMIT.1)));
            LIMIT.0
        });
        let cursor = params.remove("cursor");
        let Some((by, is_descending)) = read_sort(sort.as_deref(), list.sorts) else {
            let names = list.sorts.iter().map(|sort| sort.name).collect();
            faults.push(("sort".to_owned(), Wrong::Sort(names)));
            return Err(faults);
        };
        let order = Order { field: by.name, is_descending };
        let params = Params(params);
        let wanted = Wanted { order, after: None, limit };
        let mut read = Self { params, wanted };
        if let Some(cursor) = cursor {
            match paging::read(&cursor, &read.mark(path), by.is_text) {
                Ok(place) => read.wanted.after = Some(place),
                Err(wrong) => faults.push(("cursor".to_owned(), wrong)),
            }
        }
        if faults.is_empty() { Ok(read) } else { Err(faults) }
    }
}

impl Call {
    /// The parameters, none but these.
    ///
    /// # Errors
    /// If there are others, or one twice.
    pub(super) fn params(&self, known: &[&'static str]) -> Result<Params, Problem> {
        Params::read(self.query(), known).map_err(|faults| self.wrong_query(faults))
    }

    /// What is wanted of a list.
    ///
    /// # Errors
    /// If a parameter is wrong.
    pub(super) fn list_query(&self, list: &List) -> Result<ListQuery, Problem> {
        ListQuery::read(self.path(), self.query(), list).map_err(|faults| self.wrong_query(faults))
    }

    /// The problem with these parameters.
    pub(super) fn wrong_query(&self, faults: Vec<Fault>) -> Problem {
        let fields = faults.into_iter().map(|(name, wrong)| Field {
            name,
            code: wrong.code(),
            detail: texts::query::wrong(&wrong, self.language()),
        });
        Problem::with(Kind::InvalidQuery, self.language(), fields.collect())
    }
}

impl Wrong {
    /// The word for programs.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "unknown",
            Self::Twice => "twice",
            Self::Text => "text",
            Self::Limit(_) => "range",
            Self::Sort(_) | Self::Word(_) => "choice",
            Self::Cursor => "cursor",
            Self::OtherCursor => "other_cursor",
            Self::Truth => "truth",
            Self::Id => "id",
            Self::Moment | Self::AnyMoment => "moment",
        }
    }
}

/// What `dryRun` says, which is `true` or `false` and there once at most; `false` where it is not there.
pub(super) fn read_dry_run(query: &str) -> Result<bool, Fault> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let mut values = pairs.filter(|(name, _)| name == DRY_RUN).map(|(_, value)| value);
    match (values.next().as_deref(), values.next()) {
        (None | Some("false"), None) => Ok(false),
        (Some("true"), None) => Ok(true),
        (Some(_), None) => Err((DRY_RUN.to_owned(), Wrong::Truth)),
        (_, Some(_)) => Err((DRY_RUN.to_owned(), Wrong::Twice)),
    }
}

fn read_limit(text: &str) -> Option<u32> {
    // No sign, no space, no leading zero: what `parse` takes besides.
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|limit| is_plain && *limit <= LIMIT.1)
}

fn read_sort(wish: Option<&str>, sorts: &[Sort]) -> Option<(Sort, bool)> {
    let Some(wish) = wish else { return sorts.first().map(|first| (*first, first.starts_high)) };
    let (name, is_descending) = match wish.strip_prefix('-') {
        Some(name) => (name, true),
        None => (wish, false),
    };
    sorts.iter().find(|sort| sort.name == name).map(|sort| (*sort, is_descending))
}

#[cfg(test)]
mod tests;
