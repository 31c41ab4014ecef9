//! `GET /v1/office/devices` and `POST …/{id}/revoke`.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};

use super::{Body, act, id, read_now};
use crate::{
    Server,
    problem::Problem,
    rules::{self, Context, RevokeInput},
    store::{Account, Role, Tx},
};

pub(super) async fn list(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    read_now(server, headers, Role::Dispatcher, |tx, ctx| rules::devices(tx, ctx)).await
}

pub(super) async fn revoke(
    State(server): State<Arc<Server>>,
    Path(device): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let device = id(&device)?;
    let rule = move |tx: &mut dyn Tx, ctx: &mut Context<'_>, _: &Account, input: &RevokeInput| {
        rules::revoke(tx, ctx, device, input)?;
        rules::devices(tx, ctx)
    };
    act(server, headers, bytes, Role::Supervisor, rule).await
}
