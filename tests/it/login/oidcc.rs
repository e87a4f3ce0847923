//! Every relying-party test of the OpenID Foundation's conformance suite that SIGNIN.md 4.1 lists, against
//! our own provider, under its own name; and the attacks that no plan covers.

mod advisories;
mod answers;
mod back_channel;
mod basic;
mod claims;
mod config;
mod endings;
mod floods;
mod fresh;
mod levels;
mod links;
mod logout;
mod network;
mod persons;
mod plans;
mod races;
pub(super) mod scene;
mod seals;
mod setup;
