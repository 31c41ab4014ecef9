//! `POST /v1/photos`: a part of a photo for a signed word on how far the server has it.

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
    rules::{self, Taken},
};

pub(super) async fn handle(
    State(server): State<Arc<Server>>,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let bytes = body(bytes)?;
    match super::run(server, move |tx, ctx| rules::take_part(tx, ctx, &bytes)).await? {
        Taken::Kept(kept) => Ok(packet(kept)),
        Taken::Refused(problem) => Err(problem),
    }
}
