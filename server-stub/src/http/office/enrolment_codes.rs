//! `POST /v1/office/enrolment-codes`: a one-time code for a person's phone.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};

use super::{Body, act};
use crate::{
    Server,
    problem::Problem,
    rules::{self, CodeInput},
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
                input: &CodeInput| { rules::add_code(tx, ctx, input) };
    act(server, headers, bytes, Role::Dispatcher, rule).await
}
