//! `POST /v1/office/people`: keeps a person.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};

use super::{Body, act};
use crate::{
    Server,
    problem::Problem,
    rules::{self, PersonInput},
    store::Role,
};

pub(super) async fn add(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let rule = |tx: &mut dyn crate::store::Tx,
                ctx: &mut rules::Context<'_>,
                _: &_,
                input: &PersonInput| { rules::add_person(tx, ctx, input) };
    act(server, headers, bytes, Role::Supervisor, rule).await
}
