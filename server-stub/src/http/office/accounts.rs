//! `POST /v1/office/accounts`: a new account; the first with the bootstrap code, later by a supervisor.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::{Body, body, json, parse, token};
use crate::{Server, problem::Problem, rules};

pub(super) async fn add(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let token = token(&headers);
    let input = parse(&body(bytes)?)?;
    let rule = move |tx: &mut dyn crate::store::Tx, ctx: &mut rules::Context<'_>| {
        rules::add_account(tx, ctx, token.as_deref(), &input)
    };
    let added = super::super::run(server, rule).await?;
    Ok(json(StatusCode::OK, &added))
}
