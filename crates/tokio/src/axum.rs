//! What makes an event stream the answer of an axum handler. The body itself lives elsewhere.

use axum_core::BoxError;
use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;

use crate::Sse;

impl<S, E> IntoResponse for Sse<S>
where
    S: futures_core::Stream<Item = Result<Bytes, E>> + Send + 'static,
    E: Into<BoxError>,
{
    fn into_response(self) -> Response {
        self.into_http_response().into_response()
    }
}
