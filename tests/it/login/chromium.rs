//! The pages in headless Chromium, and single sign-on at the certified `oidc-provider`: nothing here is
//! ours but what is tested.

mod factors;
mod keyboard;
mod matrix;
mod pages;
mod passwords;
mod people;
mod site;
mod sso;
mod surfer;
