//! Where somebody wanted to go before they had to sign in: a path of ours, never another site.

/// Longer ones are dropped.
const LIMIT: usize = 2_000;

/// The path if it is ours, else home.
///
/// Browsers take `//host`, `/\host` and the same with tabs or line ends in between for another site,
/// so only characters that a URL may hold are let through.
pub(in crate::http) fn local(wanted: &str) -> &str {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte);
    let leads_away = wanted.starts_with("//") || !wanted.starts_with('/');
    let is_ours = wanted.len() <= LIMIT && !leads_away && wanted.bytes().all(is_plain);
    if is_ours { wanted } else { "/" }
}

/// `path`, with `return_to` in its query unless it is home.
pub(in crate::http) fn with(path: &str, return_to: &str) -> String {
    let return_to = local(return_to);
    if return_to == "/" {
        return path.to_owned();
    }
    let value: String = url::form_urlencoded::byte_serialize(return_to.as_bytes()).collect();
    format!("{path}?return_to={value}")
}

#[cfg(test)]
mod tests;
