//! Proving who calls. Here only what needs no database; `app::authentication` looks things up.

pub mod access_tokens;
pub mod bearer;
pub mod checkpoints;
pub mod envelope;
pub mod oidc;
pub mod outbound;
pub mod passkeys;
pub mod passwords;
pub mod totp;
