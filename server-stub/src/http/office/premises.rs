//! `POST /v1/office/premises`, `…/{id}/moved-out` and `/v1/office/meters`: keeps premises and their
//! meters, standing data of the district.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};

use super::{Body, act, id};
use crate::{
    Server,
    problem::Problem,
    rules::{self, MetersInput, MovedOutInput, PremisesInput},
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
                input: &PremisesInput| {
        rules::add_premises(tx, ctx, input)
            .map(|premises| serde_json::json!({ "premises": premises }))
    };
    act(server, headers, bytes, Role::Dispatcher, rule).await
}

pub(super) async fn meters(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let rule = |tx: &mut dyn crate::store::Tx,
                ctx: &mut rules::Context<'_>,
                _: &_,
                input: &MetersInput| {
        rules::add_meters(tx, ctx, input)
            .map(|premises| serde_json::json!({ "premises": premises }))
    };
    act(server, headers, bytes, Role::Dispatcher, rule).await
}

pub(super) async fn moved_out(
    State(server): State<Arc<Server>>,
    Path(premises): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let premises = id(&premises)?;
    let rule = move |tx: &mut dyn crate::store::Tx,
                     ctx: &mut rules::Context<'_>,
                     by: &_,
                     input: &MovedOutInput| {
        rules::moved_out(tx, ctx, by, premises, input)
            .map(|()| serde_json::json!({ "premises": premises }))
    };
    act(server, headers, bytes, Role::Dispatcher, rule).await
}
