//! `GET /v1/office/retention`: orders of which something is due to be erased.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};

use super::read_now;
use crate::{Server, problem::Problem, rules, store::Role};

pub(super) async fn list(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    read_now(server, headers, Role::Supervisor, rules::due_to_erase).await
}
