//! What goes wrong with a request: a status, and one sentence for people.

use std::io::{self, ErrorKind};

use axum::http::header::CONNECTION;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::transport::http::tus::{self, NotTus};
use crate::transport::parts::PartError;

/// An answer that is no success. It says nothing of what a stream holds, and nothing that was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    pub(super) sentence: &'static str,
    extra: Option<(&'static str, &'static str)>,
    /// Of the body nothing more is read, so that the connection is of no further use.
    closes: bool,
}

/// Whatever is wrong with a stream, this is all that its sender learns.
pub(super) const REFUSED: Problem =
    problem(StatusCode::UNPROCESSABLE_ENTITY, "the stream was refused");
pub(super) const NOT_FOUND: Problem = problem(StatusCode::NOT_FOUND, "there is nothing here");
pub(super) const NO_UPLOAD: Problem =
    problem(StatusCode::NOT_FOUND, "there is no such upload (any more)");
pub(super) const NO_RECEIPT: Problem = problem(
    StatusCode::NOT_FOUND,
    "the upload is not whole, so there is no receipt yet",
);
pub(super) const TOO_LARGE: Problem = problem(
    StatusCode::PAYLOAD_TOO_LARGE,
    "the stream is longer than this server takes",
)
.closing();
pub(super) const NO_LENGTH: Problem = problem(
    StatusCode::LENGTH_REQUIRED,
    "the request does not say how long its body is",
)
.closing();
pub(super) const OFFSET: Problem = problem(
    StatusCode::CONFLICT,
    "the piece does not begin where the upload ends; ask where that is",
)
.closing();
pub(super) const BEHIND_END: Problem = problem(
    StatusCode::PAYLOAD_TOO_LARGE,
    "the piece reaches beyond the length of the upload",
)
.closing();
pub(super) const BUSY: Problem =
    problem(StatusCode::LOCKED, "another request works on this upload")
        .after("2")
        .closing();
pub(super) const BARRED: Problem = problem(
    StatusCode::TOO_MANY_REQUESTS,
    "too many streams from this address were refused; it has to wait",
)
.after("600")
.closing();
pub(super) const STOPPING: Problem = problem(
    StatusCode::SERVICE_UNAVAILABLE,
    "the server takes no more streams",
)
.after("30")
.closing();
/// What the sender must know whatever failed: that it still has the only copy.
pub(super) const NO_SPACE: Problem = problem(
    StatusCode::INSUFFICIENT_STORAGE,
    "the receiver has no room for the stream now: nothing was accepted; keep the images, and send them again later",
)
.after("60")
.closing();
pub(super) const NOT_STORED: Problem = problem(
    StatusCode::INSUFFICIENT_STORAGE,
    "the receiver could not store the stream: nothing was accepted; keep the images, and send them again later",
)
.after("60")
.closing();
pub(super) const FAILED: Problem = problem(
    StatusCode::INTERNAL_SERVER_ERROR,
    "the receiver failed: nothing was accepted; keep the images, and send them again later",
)
.closing();
pub(super) const UNREADABLE: Problem = problem(
    StatusCode::INTERNAL_SERVER_ERROR,
    "the server could not read what it keeps",
);
pub(super) const TOO_SLOW: Problem = problem(
    StatusCode::REQUEST_TIMEOUT,
    "the body came too slowly; what came is kept",
)
.closing();
pub(super) const BROKEN: Problem = problem(
    StatusCode::BAD_REQUEST,
    "the body broke off; what came is kept",
)
.closing();
pub(super) const CHANGED: Problem = problem(
    StatusCode::PRECONDITION_FAILED,
    "the stream is another than the one that was asked for",
);

const fn problem(status: StatusCode, sentence: &'static str) -> Problem {
    Problem {
        status,
        sentence,
        extra: None,
        closes: false,
    }
}

impl Problem {
    const fn after(mut self, seconds: &'static str) -> Self {
        self.extra = Some(("retry-after", seconds));
        self
    }

    const fn closing(mut self) -> Self {
        self.closes = true;
        self
    }

    /// A method that the place does not have.
    pub(super) const fn not_allowed(methods: &'static str) -> Self {
        let mut problem = problem(
            StatusCode::METHOD_NOT_ALLOWED,
            "this place does not take that method",
        );
        problem.extra = Some(("allow", methods));
        problem
    }

    /// What storing what came has failed with.
    pub(super) fn of_storing(error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => NO_SPACE,
            _ => NOT_STORED,
        }
    }
}

impl From<PartError> for Problem {
    fn from(error: PartError) -> Self {
        match error {
            PartError::Full => NO_SPACE,
            PartError::Busy | PartError::Taken => BUSY,
            PartError::Io(error) => Self::of_storing(&error),
            _ => FAILED,
        }
    }
}

impl From<NotTus> for Problem {
    fn from(why: NotTus) -> Self {
        let bad = StatusCode::BAD_REQUEST;
        match why {
            NotTus::Version => {
                let mut problem = problem(
                    StatusCode::PRECONDITION_FAILED,
                    "this server speaks tus 1.0.0: Tus-Resumable must say so",
                )
                .closing();
                problem.extra = Some(("tus-version", tus::VERSION));
                problem
            }
            NotTus::Length => {
                problem(bad, "Upload-Length must say how long the stream is").closing()
            }
            NotTus::Deferred => problem(
                bad,
                "Upload-Defer-Length is not offered: Upload-Length must be there",
            )
            .closing(),
            NotTus::Offset => {
                problem(bad, "Upload-Offset must say where the piece begins").closing()
            }
            NotTus::Type => problem(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the Content-Type must be application/offset+octet-stream",
            )
            .closing(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, format!("{}\n", self.sentence)).into_response();
        if let Some((name, value)) = self.extra {
            response.headers_mut().insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        if self.closes {
            response
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
