//! What makes an event stream the answer of an axum handler, and the request for one its argument. The
//! body and the reading of the request live elsewhere.

use axum_core::BoxError;
use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;
use tidewire_sse::{Refused, StreamConfig};

use crate::{Sse, SseRequest};

/// What axum answers to a request that gets no event stream: the status and the field of [`Refused`],
/// and its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal(pub Refused);

impl<S, E> IntoResponse for Sse<S>
where
    S: futures_core::Stream<Item = Result<Bytes, E>> + Send + 'static,
    E: Into<BoxError>,
{
    fn into_response(self) -> Response {
        self.into_http_response().into_response()
    }
}

impl<S: Sync> FromRequestParts<S> for SseRequest {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        Self::of(parts, &StreamConfig::default()).map_err(Refusal)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::BAD_REQUEST);
        let field = self.0.field().map(|field| [field]);
        (status, field, self.0.to_string()).into_response()
    }
}
