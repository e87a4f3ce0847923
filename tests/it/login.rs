//! Sign-in: the pages, the gate, and every way in.

mod chromium;
mod factors;
mod gate;
mod html;
mod oidcc;
mod pages;
mod passwords;
pub(crate) mod provider;
mod sessions;
mod shield;
mod sweep;
