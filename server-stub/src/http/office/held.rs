//! `/v1/office/held`: what is held back and why, one thing opened, and the decision about it.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};

use super::{Body, act, id, read};
use crate::{
    Server,
    problem::Problem,
    rules::{self, Context, ReleaseInput},
    store::{Account, Role, Tx},
};

pub(super) async fn list(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    read(server, headers, Role::Supervisor, rules::held_list).await
}

pub(super) async fn view(
    State(server): State<Arc<Server>>,
    Path(held): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let held = id(&held)?;
    read(server, headers, Role::Supervisor, move |tx| rules::held_view(tx, held)).await
}

pub(super) async fn decide(
    State(server): State<Arc<Server>>,
    Path(held): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let held = id(&held)?;
    let rule = move |tx: &mut dyn Tx, ctx: &mut Context<'_>, by: &Account, input: &ReleaseInput| {
        rules::release(tx, ctx, by, held, input)?;
        rules::held_view(tx, held)
    };
    act(server, headers, bytes, Role::Supervisor, rule).await
}

pub(super) async fn decide_device(
    State(server): State<Arc<Server>>,
    Path(device): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let device = id(&device)?;
    let rule = move |tx: &mut dyn Tx, ctx: &mut Context<'_>, by: &Account, input: &ReleaseInput| {
        rules::release_device(tx, ctx, by, device, input)
    };
    act(server, headers, bytes, Role::Supervisor, rule).await
}
