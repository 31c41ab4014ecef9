//! `POST /v1/office/standing`: publishes a standard or the price list.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};

use super::{Body, act};
use crate::{
    Server,
    problem::Problem,
    rules::{self, StandingInput},
    store::Role,
};

pub(super) async fn publish(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let rule = |tx: &mut dyn crate::store::Tx,
                ctx: &mut rules::Context<'_>,
                _: &_,
                input: &StandingInput| { rules::publish(tx, ctx, input) };
    act(server, headers, bytes, Role::Supervisor, rule).await
}
