//! Paths as some identity providers join them: `//Users`, `/Users/` (SCIM.md §1.8, §2 item 9).

use std::task::{Context, Poll};

use axum::http::{Request, Uri, uri::PathAndQuery};
use tower::Service;

/// Collapses double slashes and drops one at the end, before routing.
#[derive(Debug, Clone)]
pub struct TidyPath<S> {
    inner: S,
}

impl<S> TidyPath<S> {
    /// Before the given service.
    pub(super) fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, B> Service<Request<B>> for TidyPath<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        if let Some(uri) = tidy(request.uri()) {
            *request.uri_mut() = uri;
        }
        self.inner.call(request)
    }
}

fn tidy(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let is_tidy = !path.contains("//") && (path.len() == 1 || !path.ends_with('/'));
    if is_tidy {
        return None;
    }
    let mut tidied: String =
        path.split('/').filter(|part| !part.is_empty()).fold(String::new(), |mut all, part| {
            all.push('/');
            all.push_str(part);
            all
        });
    if tidied.is_empty() {
        tidied.push('/');
    }
    if let Some(query) = uri.query() {
        tidied.push('?');
        tidied.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(tidied).ok()?);
    Uri::from_parts(parts).ok()
}
