//! `/accounts/{account}/users`.

use axum::response::Response;

use crate::domain::users::people::Kind;
use crate::http::api::call::Call;
use crate::http::api::people;
use crate::http::api::problem::Problem;

/// The account's users, whoever made them.
pub(in crate::http::api) async fn list(call: Call) -> Result<Response, Problem> {
    people::list(&call, Kind::User).await
}

/// One of them.
pub(in crate::http::api) async fn show(call: Call) -> Result<Response, Problem> {
    people::show(&call, Kind::User).await
}

/// Makes one, who is invited by mail.
pub(in crate::http::api) async fn add(call: Call) -> Result<Response, Problem> {
    people::add(call, Kind::User).await
}

/// Changes one.
pub(in crate::http::api) async fn edit(call: Call) -> Result<Response, Problem> {
    people::edit(&call, Kind::User).await
}

/// Deletes one.
pub(in crate::http::api) async fn remove(call: Call) -> Result<Response, Problem> {
    people::remove(&call, Kind::User).await
}

/// Mails one a link to choose a password.
pub(in crate::http::api) async fn send_password_mail(call: Call) -> Result<Response, Problem> {
    people::send_password_mail(call, Kind::User).await
}
