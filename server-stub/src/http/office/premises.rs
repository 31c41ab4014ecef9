//! `POST /v1/office/premises`, `…/{id}/moved-out`, `/v1/office/meters` and `/v1/office/district`:
//! keeps premises and their meters, one by one or all of the district. `GET` and `POST …/{id}/bottles`:
//! the gas bottles that are held there.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use doorstep::base::Id;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{Body, act, id, read_now};
use crate::{
    Server,
    problem::{Failure, Problem},
    rules::{self, BottlesInput, Context, DistrictInput, MovedOutInput},
    store::{Account, Role, Tx},
};

pub(super) async fn add(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    keep(server, headers, bytes, rules::add_premises).await
}

pub(super) async fn meters(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    keep(server, headers, bytes, rules::add_meters).await
}

pub(super) async fn district(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let rule = |tx: &mut dyn Tx, ctx: &mut Context<'_>, _: &Account, input: &DistrictInput| {
        rules::change_district(tx, ctx, input)
    };
    act(server, headers, bytes, Role::Dispatcher, rule).await
}

/// Keeps standing data of some premises, and names them.
async fn keep<I: DeserializeOwned + Send + 'static>(
    server: Arc<Server>,
    headers: HeaderMap,
    bytes: Body,
    rule: fn(&mut dyn Tx, &mut Context<'_>, &I) -> Result<Id, Failure>,
) -> Result<Response, Problem> {
    let named = move |tx: &mut dyn Tx, ctx: &mut Context<'_>, _: &Account, input: &I| {
        rule(tx, ctx, input).map(|premises| json!({ "premises": premises }))
    };
    act(server, headers, bytes, Role::Dispatcher, named).await
}

pub(super) async fn moved_out(
    State(server): State<Arc<Server>>,
    Path(premises): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let premises = id(&premises)?;
    let rule =
        move |tx: &mut dyn Tx, ctx: &mut Context<'_>, by: &Account, input: &MovedOutInput| {
            rules::moved_out(tx, ctx, by, premises, input).map(|()| json!({ "premises": premises }))
        };
    act(server, headers, bytes, Role::Dispatcher, rule).await
}

pub(super) async fn bottles(
    State(server): State<Arc<Server>>,
    Path(premises): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let premises = id(&premises)?;
    let rule = move |tx: &mut dyn Tx, ctx: &Context<'_>| rules::bottles_at(tx, ctx, premises);
    read_now(server, headers, Role::Dispatcher, rule).await
}

pub(super) async fn count_bottles(
    State(server): State<Arc<Server>>,
    Path(premises): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let premises = id(&premises)?;
    let rule = move |tx: &mut dyn Tx, ctx: &mut Context<'_>, by: &Account, input: &BottlesInput| {
        rules::count_bottles(tx, ctx, by, premises, input)
    };
    act(server, headers, bytes, Role::Supervisor, rule).await
}
