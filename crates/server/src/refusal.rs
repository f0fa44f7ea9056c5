//! Every answer that is a no: its status, its fields and its words.

use std::time::Duration;

use bytes::Bytes;
use tidewire::http::{FieldName, FieldValue, Response};
use tidewire::hub::{PublishError, Reset, SubscribeError};
use tidewire::poll::Refused;

use crate::wire::{ErrorDocument, ResetDocument, encode};

/// Why a request is not served.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{0}")]
    BadRequest(&'static str),
    #[error("the range holds more than 256 events or 256 KiB: ask for a smaller one")]
    RangeTooLarge,
    #[error("this origin is not allowed; see --allow-origin")]
    ForeignOrigin,
    #[error("no such resource")]
    NotFound,
    #[error("method not allowed here")]
    MethodNotAllowed { allow: &'static str },
    #[error("only text/event-stream can be had here")]
    NotAcceptable,
    #[error("the cursor cannot be continued")]
    Reset(Reset),
    #[error("the event is larger than the log")]
    TooLarge,
    #[error("this host name is not served; see --allow-host")]
    Misdirected,
    #[error("too many requests")]
    TooMany { retry_after: Duration },
    #[error("the server is at its limit")]
    Busy { retry_after: Duration },
}

impl Refusal {
    /// The status code. RFC 9110 §15.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::BadRequest(_) | Self::RangeTooLarge => 400,
            Self::ForeignOrigin => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed { .. } => 405,
            Self::NotAcceptable => 406,
            Self::Reset(_) => 410,
            Self::TooLarge => 413,
            Self::Misdirected => 421,
            Self::TooMany { .. } => 429,
            Self::Busy { .. } => 503,
        }
    }

    /// The response head and the JSON that goes with it.
    pub(crate) fn response(&self) -> (Response, Bytes) {
        let mut response = Response::new(self.status()).field(FieldName::CONTENT_TYPE, JSON);
        let json = || encode(&ErrorDocument { error: self.to_string().into() });
        let body = match self {
            Self::Reset(reset) => encode(&ResetDocument::from(*reset)),
            Self::MethodNotAllowed { allow } => {
                response = response.field(FieldName::ALLOW, FieldValue::from_static(allow));
                json()
            }
            Self::TooMany { retry_after } | Self::Busy { retry_after } => {
                response = response.field(FieldName::RETRY_AFTER, seconds(*retry_after));
                json()
            }
            Self::BadRequest(_)
            | Self::RangeTooLarge
            | Self::ForeignOrigin
            | Self::NotFound
            | Self::NotAcceptable
            | Self::TooLarge
            | Self::Misdirected => json(),
        };
        (response, body.into())
    }
}

fn seconds(wait: Duration) -> FieldValue {
    let seconds = wait.as_secs().max(1).to_string();
    FieldValue::new(seconds).expect("digits are visible ASCII")
}

impl From<PublishError> for Refusal {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::TopicLength { .. } => Self::BadRequest("a topic has 1 to 128 bytes"),
            PublishError::KeyLength { .. } => {
                Self::BadRequest("an idempotency key has 1 to 128 bytes")
            }
            PublishError::Closed => Self::BadRequest("the topic is closed"),
            _ => Self::TooLarge,
        }
    }
}

impl From<SubscribeError> for Refusal {
    fn from(error: SubscribeError) -> Self {
        match error {
            SubscribeError::Reset(reset) => Self::Reset(reset),
            SubscribeError::NoTopic => Self::BadRequest("name at least one topic"),
            SubscribeError::TooManyTopics { .. } => Self::BadRequest("name at most 32 topics"),
            SubscribeError::TopicLength { .. } => Self::BadRequest("a topic has 1 to 128 bytes"),
            _ => Self::Busy { retry_after: BUSY },
        }
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Topics(error) => error.into(),
            Refused::PeerFull { retry_after } => Self::TooMany { retry_after },
            Refused::Full { retry_after } => Self::Busy { retry_after },
            _ => Self::Busy { retry_after: BUSY },
        }
    }
}

/// When to come back to a server that cannot tell when it will have room.
const BUSY: Duration = Duration::from_secs(5);

/// The media type of every document of the API.
pub(crate) const JSON: FieldValue = FieldValue::from_static("application/json");
