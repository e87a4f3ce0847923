//! The `Authorization: Bearer` header (RFC 6750 §2.1), the only place a token may stand.

use crate::domain::opaque::Presented;
use crate::domain::tokens;

/// The provisioning token in the header's value; `None` if the scheme, form or checksum is wrong.
pub fn read(authorization: &str) -> Option<Presented> {
    tokens::read(token(authorization)?)
}

/// The token in the header's value, whatever it is; `None` if the scheme is another.
pub fn token(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
