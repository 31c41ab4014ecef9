//! Answers: JSON for what is there, problems for what is not.

use axum::{
    body::Bytes,
    extract::rejection::BytesRejection,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::problem::{Problem, ProblemKind};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = match self.kind {
            ProblemKind::BadRequest => StatusCode::BAD_REQUEST,
            ProblemKind::Unauthorised => StatusCode::UNAUTHORIZED,
            ProblemKind::Forbidden => StatusCode::FORBIDDEN,
            ProblemKind::NotFound => StatusCode::NOT_FOUND,
            ProblemKind::Conflict => StatusCode::CONFLICT,
            ProblemKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ProblemKind::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            ProblemKind::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
            ProblemKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let mut response = json(status, &self);
        if let ProblemKind::TooMany(seconds) | ProblemKind::Busy(seconds) = self.kind {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A value as JSON.
pub(super) fn json<T: Serialize>(status: StatusCode, value: &T) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => (status, [(header::CONTENT_TYPE, JSON)], body).into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A signed packet.
pub(super) fn packet(bytes: Vec<u8>) -> Response {
    let kind = HeaderValue::from_static("application/cose");
    ([(header::CONTENT_TYPE, kind)], bytes).into_response()
}

/// A body within its limit.
pub(super) fn body(body: Result<Bytes, BytesRejection>) -> Result<Bytes, Problem> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let message = "the body is larger than this route takes";
            Problem::new(ProblemKind::TooLarge, "too-large", message, "send less at once")
        }
        _ => Problem::bad("torn", "the body did not arrive whole", "send it again"),
    })
}

/// A body as JSON.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        let message = format!("the body is not what this route takes: {error}");
        Problem::bad("malformed", message, "send the JSON that the route's description names")
    })
}

pub(super) async fn no_route() -> Problem {
    Problem::not_found("no-route", "nothing is at this address", "check the address")
}

pub(super) async fn no_method() -> Problem {
    Problem::bad("no-method", "this address does not take this method", "use GET or POST")
}

/// Errors that a layer made, not a rule, as problems too.
pub(super) async fn in_json(response: Response) -> Response {
    let status = response.status();
    let ours = response.headers().get(header::CONTENT_TYPE) == Some(&JSON);
    if ours || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let todo = "send it again; if it stays, look at what was sent";
    let problem = Problem::new(ProblemKind::Internal, "http", status.to_string(), todo);
    json(status, &problem)
}
