//! `/v1/office/complaints`: cases of complaint, their ledger, and what is due.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};

use super::{Body, act, id, read, read_now};
use crate::{
    Server,
    problem::Problem,
    rules::{self, CallBackInput, CaseInput, ComplaintInput, Context},
    store::{Account, Role, Tx},
};

pub(super) async fn log(
    State(server): State<Arc<Server>>,
    Path(order): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let order = id(&order)?;
    let rule = move |tx: &mut dyn Tx, ctx: &mut Context<'_>, by: &Account, it: &ComplaintInput| {
        let number = rules::log_complaint(tx, ctx, by, order, it)?;
        rules::case(tx, ctx, &number)
    };
    act(server, headers, bytes, Role::Dispatcher, rule).await
}

pub(super) async fn act_in(
    State(server): State<Arc<Server>>,
    Path(number): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let rule = move |tx: &mut dyn Tx, ctx: &mut Context<'_>, by: &Account, it: &CaseInput| {
        rules::act_in_case(tx, ctx, by, &number, it)?;
        rules::case(tx, ctx, &number)
    };
    act(server, headers, bytes, Role::Dispatcher, rule).await
}

pub(super) async fn call_back(
    State(server): State<Arc<Server>>,
    Path(number): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let rule = move |tx: &mut dyn Tx, ctx: &mut Context<'_>, by: &Account, it: &CallBackInput| {
        rules::plan_call_back(tx, ctx, by, &number, it)?;
        rules::case(tx, ctx, &number)
    };
    act(server, headers, bytes, Role::Dispatcher, rule).await
}

pub(super) async fn list(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    read(server, headers, Role::Dispatcher, rules::open_complaints).await
}

pub(super) async fn view(
    State(server): State<Arc<Server>>,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let rule = move |tx: &mut dyn Tx, ctx: &Context<'_>| rules::case(tx, ctx, &number);
    read_now(server, headers, Role::Dispatcher, rule).await
}

pub(super) async fn ledger(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    read_now(server, headers, Role::Supervisor, rules::ledger).await
}

pub(super) async fn alarms(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    read_now(server, headers, Role::Dispatcher, rules::alarms).await
}
