//! `GET /v1/office/held`: what is held back, and why.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};

use super::read;
use crate::{Server, problem::Problem, rules, store::Role};

pub(super) async fn list(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    read(server, headers, Role::Supervisor, rules::held).await
}
