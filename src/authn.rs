//! Proving who calls. Here only what needs no database; `app::authentication` looks things up.

pub mod bearer;
pub mod envelope;
pub mod passwords;
