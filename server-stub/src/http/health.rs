//! `GET /v1/health`: whether the server works, its store included.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use serde::Serialize;

use super::answer::json;
use crate::{Server, problem::Problem};

#[derive(Serialize)]
struct Health {
    status: &'static str,
    epoch: u64,
}

pub(super) async fn handle(State(server): State<Arc<Server>>) -> Result<Response, Problem> {
    let epoch = super::run(server, |_, ctx| Ok(ctx.epoch)).await?;
    Ok(json(StatusCode::OK, &Health { status: "ok", epoch }))
}
