//! The pages in headless Chromium, and single sign-on at the certified `oidc-provider`: nothing here is
//! ours but what is tested.

mod site;
mod sso;
mod surfer;
