//! `POST /v1/exchange`: a device's request packet for the server's answer packet.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    response::Response,
};

use super::answer::{body, packet};
use crate::{Server, problem::Problem, rules};

pub(super) async fn handle(
    State(server): State<Arc<Server>>,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let bytes = body(bytes)?;
    super::run(server, move |tx, ctx| rules::exchange(tx, ctx, &bytes)).await.map(packet)
}
