//! The two cookies. The prefix `__Host-` has the browser refuse them from other hosts and over plain
//! HTTP, so nobody beside us can plant one.

use axum::http::{HeaderMap, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};

/// Who the browser is signed in as. Without an age: it goes when the browser closes.
pub(in crate::http) const SESSION: &str = "__Host-sid";
/// Which sign-ins the browser has begun. It must come back with the provider's `POST`, from another
/// site, hence `SameSite=None` (DECISIONS.md 31).
pub(in crate::http) const LOGIN: &str = "__Host-login";

/// How long a sign-in may take, in seconds.
const LOGIN_AGE: u32 = 600;

/// The value of a cookie of that name. What comes twice is not ours, and is not taken.
pub(in crate::http) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let pairs =
        lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value);
    let first = values.next()?;
    values.next().is_none().then_some(first)
}

/// The header that gives the browser its session.
pub(in crate::http) fn session(secret: &SecretString) -> HeaderValue {
    let secret = secret.expose_secret();
    sensitive(&format!("{SESSION}={secret}; Path=/; Secure; HttpOnly; SameSite=Lax"))
}

/// The header that takes it away.
pub(in crate::http) fn no_session() -> HeaderValue {
    sensitive(&format!("{SESSION}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"))
}

/// The header that binds a sign-in to the browser that began it.
#[cfg_attr(not(test), expect(dead_code, reason = "the ways in need it"))]
pub(in crate::http) fn login(secret: &SecretString) -> HeaderValue {
    let secret = secret.expose_secret();
    sensitive(&format!(
        "{LOGIN}={secret}; Path=/; Secure; HttpOnly; SameSite=None; Max-Age={LOGIN_AGE}"
    ))
}

/// The header that takes it away.
#[cfg_attr(not(test), expect(dead_code, reason = "the ways in need it"))]
pub(in crate::http) fn no_login() -> HeaderValue {
    sensitive(&format!("{LOGIN}=; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=0"))
}

/// Our secrets are letters and digits, so this never fails; a value that did would open nothing.
fn sensitive(text: &str) -> HeaderValue {
    let mut value = HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests;
