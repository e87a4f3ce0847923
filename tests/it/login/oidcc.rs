//! Every relying-party test of the OpenID Foundation's conformance suite that SIGNIN.md 4.1 lists, against
//! our own provider, under its own name; and the attacks that no plan covers.

mod answers;
mod back_channel;
mod basic;
mod claims;
mod config;
mod levels;
mod links;
mod logout;
mod network;
mod plans;
pub(super) mod scene;
mod setup;
