//! The `Authorization: Bearer` header (RFC 6750 §2.1), the only place a token may stand.

use crate::domain::opaque::Presented;
use crate::domain::tokens;

/// The token in the header's value; `None` if the scheme, form or checksum is wrong.
pub fn read(authorization: &str) -> Option<Presented> {
    let (scheme, token) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    tokens::read(token.trim())
}
