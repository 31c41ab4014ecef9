//! `/v1/office/reconciliation`: every receipt series against the orders it paid for;
//! `/v1/office/cash`: where the cash is.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};

use super::read;
use crate::{Server, problem::Problem, rules, store::Role};

pub(super) async fn list(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    read(server, headers, Role::Supervisor, rules::reconcile).await
}

pub(super) async fn cash(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    read(server, headers, Role::Supervisor, rules::cash).await
}
