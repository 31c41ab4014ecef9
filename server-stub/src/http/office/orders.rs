//! `/v1/office/orders`: list, open, look at, assign, agree on a time, cancel, decide, take money at the
//! desk, change details, take readings, forget a customer, allow
//! refunds, judge claims. Each act gives the order as it then is.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use doorstep::base::Id;
use serde::de::DeserializeOwned;

use super::{Body, act, id, read};
use crate::{
    Server,
    problem::{Failure, Problem},
    rules::{self, Context, OrderInput},
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
    on_order(server, &order, headers, bytes, Role::Dispatcher, rules::assign).await
}

pub(super) async fn appoint(
    State(server): State<Arc<Server>>,
    Path(order): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    on_order(server, &order, headers, bytes, Role::Dispatcher, rules::appoint).await
}

pub(super) async fn cancel(
    State(server): State<Arc<Server>>,
    Path(order): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    on_order(server, &order, headers, bytes, Role::Dispatcher, rules::cancel).await
}

pub(super) async fn expire(
    State(server): State<Arc<Server>>,
    Path(order): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    on_order(server, &order, headers, bytes, Role::Dispatcher, rules::expire).await
}

pub(super) async fn decide(
    State(server): State<Arc<Server>>,
    Path(order): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    on_order(server, &order, headers, bytes, Role::Dispatcher, rules::decide).await
}

pub(super) async fn refund(
    State(server): State<Arc<Server>>,
    Path(order): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    on_order(server, &order, headers, bytes, Role::Supervisor, rules::approve_refund).await
}

pub(super) async fn change_detail(
    State(server): State<Arc<Server>>,
    Path(order): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    on_order(server, &order, headers, bytes, Role::Dispatcher, rules::change_detail).await
}

pub(super) async fn take_reading(
    State(server): State<Arc<Server>>,
    Path(order): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    on_order(server, &order, headers, bytes, Role::Dispatcher, rules::take_reading).await
}

pub(super) async fn erase(
    State(server): State<Arc<Server>>,
    Path(order): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    on_order(server, &order, headers, bytes, Role::Supervisor, rules::erase).await
}

pub(super) async fn erase_photos(
    State(server): State<Arc<Server>>,
    Path(order): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    on_order(server, &order, headers, bytes, Role::Supervisor, rules::erase_photos).await
}

pub(super) async fn desk_payment(
    State(server): State<Arc<Server>>,
    Path(order): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    on_order(server, &order, headers, bytes, Role::Dispatcher, rules::pay_at_desk).await
}

pub(super) async fn claim(
    State(server): State<Arc<Server>>,
    Path(order): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    on_order(server, &order, headers, bytes, Role::Supervisor, rules::judge_claim).await
}

/// What an account does to an order.
type Rule<I> = fn(&mut dyn Tx, &mut Context<'_>, &Account, Id, &I) -> Result<(), Failure>;

/// Does something to an order, and gives the order as it then is.
async fn on_order<I: DeserializeOwned + Send + 'static>(
    server: Arc<Server>,
    order: &str,
    headers: HeaderMap,
    bytes: Body,
    role: Role,
    rule: Rule<I>,
) -> Result<Response, Problem> {
    let order = id(order)?;
    let shown = move |tx: &mut dyn Tx, ctx: &mut Context<'_>, by: &Account, input: &I| {
        rule(tx, ctx, by, order, input)?;
        rules::order(tx, order)
    };
    act(server, headers, bytes, role, shown).await
}
