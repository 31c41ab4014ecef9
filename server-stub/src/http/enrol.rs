//! `POST /v1/enrol`: a signed enrolment for a signed answer with a certificate.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    response::Response,
};

use super::answer::{body, packet};
use crate::{
    Server,
    problem::Problem,
    rules::{self, Enrolment},
};

pub(super) async fn handle(
    State(server): State<Arc<Server>>,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let bytes = body(bytes)?;
    match super::run(server, move |tx, ctx| rules::enrol(tx, ctx, &bytes)).await? {
        Enrolment::Enrolled(answer) => Ok(packet(answer)),
        Enrolment::Refused(problem) => Err(problem),
    }
}
