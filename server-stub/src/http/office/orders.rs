//! `/v1/office/orders`: list, open, look at, assign, cancel, decide, allow
//! refunds, judge claims. Each act gives the order as it then is.

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
    rules::{
        self, AssignInput, CancelInput, ClaimInput, Context, DecideInput, ExpireInput, OrderInput,
        RefundInput,
    },
    store::{Account, Role, Tx},
};

pub(super) async fn list(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    read(server, headers, Role::Dispatcher, rules::orders).await
}

pub(super) async fn view(
    State(server): State<Arc<Server>>,
    Path(order): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let order = id(&order)?;
    read(server, headers, Role::Dispatcher, move |tx| rules::order(tx, order)).await
}

pub(super) async fn open(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let rule = |tx: &mut dyn Tx, ctx: &mut Context<'_>, account: &Account, input: &OrderInput| {
        let order = rules::open_order(tx, ctx, account, input)?;
        rules::order(tx, order)
    };
    act(server, headers, bytes, Role::Dispatcher, rule).await
}

pub(super) async fn assign(
    State(server): State<Arc<Server>>,
    Path(order): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let order = id(&order)?;
    let rule = move |tx: &mut dyn Tx, ctx: &mut Context<'_>, by: &Account, input: &AssignInput| {
        rules::assign(tx, ctx, by, order, input)?;
        rules::order(tx, order)
    };
    act(server, headers, bytes, Role::Dispatcher, rule).await
}

pub(super) async fn cancel(
    State(server): State<Arc<Server>>,
    Path(order): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let order = id(&order)?;
    let rule = move |tx: &mut dyn Tx, ctx: &mut Context<'_>, by: &Account, input: &CancelInput| {
        rules::cancel(tx, ctx, by, order, input)?;
        rules::order(tx, order)
    };
    act(server, headers, bytes, Role::Dispatcher, rule).await
}

pub(super) async fn expire(
    State(server): State<Arc<Server>>,
    Path(order): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let order = id(&order)?;
    let rule = move |tx: &mut dyn Tx, ctx: &mut Context<'_>, by: &Account, input: &ExpireInput| {
        rules::expire(tx, ctx, by, order, input)?;
        rules::order(tx, order)
    };
    act(server, headers, bytes, Role::Dispatcher, rule).await
}

pub(super) async fn decide(
    State(server): State<Arc<Server>>,
    Path(order): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let order = id(&order)?;
    let rule = move |tx: &mut dyn Tx, ctx: &mut Context<'_>, by: &Account, input: &DecideInput| {
        rules::decide(tx, ctx, by, order, input)?;
        rules::order(tx, order)
    };
    act(server, headers, bytes, Role::Dispatcher, rule).await
}

pub(super) async fn refund(
    State(server): State<Arc<Server>>,
    Path(order): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let order = id(&order)?;
    let rule = move |tx: &mut dyn Tx, ctx: &mut Context<'_>, by: &Account, input: &RefundInput| {
        rules::approve_refund(tx, ctx, by, order, input)?;
        rules::order(tx, order)
    };
    act(server, headers, bytes, Role::Supervisor, rule).await
}

pub(super) async fn claim(
    State(server): State<Arc<Server>>,
    Path(order): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let order = id(&order)?;
    let rule = move |tx: &mut dyn Tx, ctx: &mut Context<'_>, by: &Account, input: &ClaimInput| {
        rules::judge_claim(tx, ctx, by, order, input)?;
        rules::order(tx, order)
    };
    act(server, headers, bytes, Role::Supervisor, rule).await
}
