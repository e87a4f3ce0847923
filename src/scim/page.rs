//! The parameters of a list and the frame of its answer (RFC 7644 §3.4.2, §3.4.3).

use std::fmt::Write as _;

use serde_json::Value;

use crate::scim::error::{Kind, Result, ScimError};
use crate::scim::value::shown;

/// URN of the body that answers a list.
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// What a list request asks, from its query string or its `/.search` body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The filter as written.
    pub filter: Option<String>,
    /// The attribute to sort by, as written.
    pub sort_by: Option<String>,
    /// The direction, as written.
    pub sort_order: Option<String>,
    /// The first result wanted, from 1.
    pub start_index: u64,
    /// The most results wanted; 0 asks for the total only.
    pub count: Option<u64>,
    /// Names for [`crate::scim::project::Selection::parse`], separated by commas.
    pub attributes: Option<String>,
    /// Likewise, of what is left out.
    pub excluded_attributes: Option<String>,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            filter: None,
            sort_by: None,
            sort_order: None,
            start_index: 1,
            count: None,
            attributes: None,
            excluded_attributes: None,
        }
    }
}

impl Query {
    /// Reads the decoded pairs of a query string. Unknown parameters are ignored (Entra ID puts its
    /// flags there), empty ones count as absent, of repeated ones the last counts.
    ///
    /// # Errors
    /// `invalidValue` if `startIndex` or `count` is no whole number.
    pub fn from_pairs<K: AsRef<str>, V: AsRef<str>>(
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self> {
        let mut query = Self::default();
        for (key, value) in pairs {
            query.set(key.as_ref(), value.as_ref())?;
        }
        Ok(query)
    }

    /// Reads a `SearchRequest` body (RFC 7644 §3.4.3), whose attribute lists are JSON lists.
    ///
    /// # Errors
    /// `invalidSyntax` if the body is no object; `invalidValue` if a member has a wrong type.
    pub fn from_search(body: Value) -> Result<Self> {
        let Value::Object(body) = body else {
            let detail = "a search request must be a JSON object";
            return Err(ScimError::new(Kind::InvalidSyntax, detail));
        };
        let mut query = Self::default();
        for (key, value) in &body {
            if let Some(parameter) = Parameter::find(key) {
                query.set(key, &search_text(parameter, value)?)?;
            }
        }
        Ok(query)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<()> {
        let Some(parameter) = Parameter::find(key) else { return Ok(()) };
        if value.trim().is_empty() {
            return Ok(());
        }
        let text = || Some(value.to_owned());
        match parameter {
            Parameter::Filter => self.filter = text(),
            Parameter::SortBy => self.sort_by = text(),
            Parameter::SortOrder => self.sort_order = text(),
            Parameter::StartIndex => self.start_index = parse_number(key, value)?.max(1),
            Parameter::Count => self.count = Some(parse_number(key, value)?),
            Parameter::Attributes => self.attributes = text(),
            Parameter::ExcludedAttributes => self.excluded_attributes = text(),
        }
        Ok(())
    }
}

/// Builds the text of a `ListResponse` around resources that are JSON texts already.
pub fn list_response<R: AsRef<str>>(total: u64, start_index: u64, resources: &[R]) -> String {
    let size: usize = resources.iter().map(|resource| resource.as_ref().len() + 1).sum();
    let mut body = String::with_capacity(size + 200);
    let _ = write!(
        body,
        r#"{{"schemas":["{LIST_RESPONSE}"],"totalResults":{total},"startIndex":{start_index},"Resources":["#
    );
    for (i, resource) in resources.iter().enumerate() {
        if i > 0 {
            body.push(',');
        }
        body.push_str(resource.as_ref());
    }
    let _ = write!(body, "],\"itemsPerPage\":{}}}", resources.len());
    body
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Parameter {
    Filter,
    SortBy,
    SortOrder,
    StartIndex,
    Count,
    Attributes,
    ExcludedAttributes,
}

impl Parameter {
    fn find(key: &str) -> Option<Self> {
        const NAMES: [(&str, Parameter); 7] = [
            ("filter", Parameter::Filter),
            ("sortBy", Parameter::SortBy),
            ("sortOrder", Parameter::SortOrder),
            ("startIndex", Parameter::StartIndex),
            ("count", Parameter::Count),
            ("attributes", Parameter::Attributes),
            ("excludedAttributes", Parameter::ExcludedAttributes),
        ];
        NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, found)| *found)
    }

    fn is_list(self) -> bool {
        matches!(self, Self::Attributes | Self::ExcludedAttributes)
    }
}

/// A whole number; below zero counts as zero (RFC 7644 §3.4.2.4).
fn parse_number(key: &str, text: &str) -> Result<u64> {
    match text.trim().parse::<i64>() {
        Ok(number) => Ok(u64::try_from(number).unwrap_or(0)),
        Err(_) => Err(ScimError::value(format!(
            "parameter {} takes a whole number, not {}",
            shown(key),
            shown(text)
        ))),
    }
}

/// A member of a search request as the text a query string would hold.
fn search_text(parameter: Parameter, value: &Value) -> Result<String> {
    let texts = |items: &[Value]| -> Option<Vec<String>> {
        items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let text = match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) if parameter.is_list() => texts(items).map(|names| names.join(",")),
        Value::Array(_) | Value::Bool(_) | Value::Object(_) => None,
    };
    text.ok_or_else(|| ScimError::value("a member of the search request has a wrong type"))
}

#[cfg(test)]
mod tests;
