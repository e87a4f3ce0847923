//! What runs beside the requests.

mod mail;
mod troubles;
