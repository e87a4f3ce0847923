//! The SCIM surface, through HTTP.

mod users;
