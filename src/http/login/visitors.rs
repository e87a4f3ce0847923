//! Where a request comes from. Only proxies that the operator trusts are believed.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, header};
use ipnet::IpNet;

use crate::domain::sessions::Visitor;

/// How much of a browser's words is kept.
const AGENT_CHARS: usize = 200;

/// Who stands behind a request.
pub(super) fn visitor(parts: &Parts, trusted: &[IpNet]) -> Visitor {
    let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Visitor {
        ip: ip(&parts.extensions, &parts.headers, trusted),
        agent: agent.unwrap_or_default().chars().take(AGENT_CHARS).collect(),
    }
}

/// The address behind a request, as far as trusted proxies tell it.
pub(in crate::http) fn ip(
    extensions: &Extensions,
    headers: &HeaderMap,
    trusted: &[IpNet],
) -> Option<String> {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    peer.map(|peer| address(peer, headers, trusted).to_string())
}

/// Goes back from the peer through `X-Forwarded-For`, from the right, as long as each teller is
/// trusted: whatever stands further left, the client may have written itself.
fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let lines = headers.get_all("x-forwarded-for").into_iter();
    let told: Vec<&str> = lines
        .map(|line| line.to_str().unwrap_or("?"))
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .collect();
    let mut known = peer.to_canonical();
    for text in told.into_iter().rev() {
        if !trusted.iter().any(|net| net.contains(&known)) {
            break;
        }
        let Some(before) = parse(text) else { break };
        known = before;
    }
    known
}

/// An address as proxies write it: bare, with a port, or in brackets.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().or_else(|_| text.parse::<SocketAddr>().map(|both| both.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests;
