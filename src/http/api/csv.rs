//! CSV (RFC 4180), for spreadsheets: a cell that would begin a formula there gets an apostrophe before it.

use axum::http::{HeaderName, HeaderValue, header};

/// The headers of a file of that name, which is saved, not shown.
pub(super) fn headers(name: &'static str) -> [(HeaderName, HeaderValue); 2] {
    let saved = format!("attachment; filename=\"{name}\"");
    let saved = HeaderValue::try_from(saved).unwrap_or(HeaderValue::from_static("attachment"));
    let media = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
    [(header::CONTENT_TYPE, media), (header::CONTENT_DISPOSITION, saved)]
}

/// A line with its end.
pub(super) fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell: harmless in a spreadsheet, and in quotes where it must be.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests;
