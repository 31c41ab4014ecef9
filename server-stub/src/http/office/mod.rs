//! The office's routes: JSON, with an account's bearer token. Every route names the role it needs.

mod accounts;
mod complaints;
mod conflicts;
mod devices;
mod enrolment_codes;
mod held;
mod meter_reports;
mod orders;
mod people;
mod photos;
mod premises;
mod reconciliation;
mod retention;
mod standing;

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
    response::Response,
    routing::{get, post},
};
use doorstep::base::Id;
use serde::{Serialize, de::DeserializeOwned};

use super::answer::{body, json, parse};
use crate::{
    Server,
    problem::{Failure, Problem},
    rules::{self, Context},
    store::{Account, Role, Tx},
};

/// A standard in three languages fits, and nothing much larger.
const BODY_BYTES: usize = 1024 * 1024;

/// What every handler gets.
type Body = Result<Bytes, BytesRejection>;

pub(super) fn routes() -> Router<Arc<Server>> {
    Router::new()
        .route("/accounts", post(accounts::add))
        .route("/people", post(people::add))
        .route("/premises", post(premises::add))
        .route("/meters", post(premises::meters))
        .route("/district", post(premises::district))
        .route("/standing", post(standing::publish))
        .route("/enrolment-codes", post(enrolment_codes::add))
        .route("/orders", get(orders::list).post(orders::open))
        .route("/orders/{id}", get(orders::view))
        .route("/orders/{id}/photos/{address}", get(photos::view))
        .route("/orders/{id}/assign", post(orders::assign))
        .route("/orders/{id}/appointment", post(orders::appoint))
        .route("/orders/{id}/cancel", post(orders::cancel))
        .route("/orders/{id}/expire", post(orders::expire))
        .route("/premises/{id}/moved-out", post(premises::moved_out))
        .route("/premises/{id}/bottles", get(premises::bottles).post(premises::count_bottles))
        .route("/orders/{id}/decide", post(orders::decide))
        .route("/orders/{id}/details", post(orders::change_detail))
        .route("/orders/{id}/readings", post(orders::take_reading))
        .route("/orders/{id}/erase", post(orders::erase))
        .route("/orders/{id}/erase-photos", post(orders::erase_photos))
        .route("/orders/{id}/desk-payments", post(orders::desk_payment))
        .route("/orders/{id}/refunds", post(orders::refund))
        .route("/orders/{id}/claims", post(orders::claim))
        .route("/orders/{id}/complaints", post(complaints::log))
        .route("/complaints", get(complaints::list))
        .route("/complaints/{number}", get(complaints::view).post(complaints::act_in))
        .route("/complaints/{number}/call-back", post(complaints::call_back))
        .route("/ledger", get(complaints::ledger))
        .route("/alarms", get(complaints::alarms))
        .route("/reconciliation", get(reconciliation::list))
        .route("/cash", get(reconciliation::cash))
        .route("/retention", get(retention::list))
        .route("/meters-to-report/{month}", get(meter_reports::list))
        .route("/conflicts", get(conflicts::list))
        .route("/held", get(held::list))
        .route("/held/{id}", get(held::view))
        .route("/held/{id}/decide", post(held::decide))
        .route("/held/device/{id}/decide", post(held::decide_device))
        .route("/devices", get(devices::list))
        .route("/devices/{id}/revoke", post(devices::revoke))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
}

/// The bearer token, if there is one.
fn token(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    Some(value.strip_prefix("Bearer ")?.to_owned())
}

/// The id in an address.
fn id(text: &str) -> Result<Id, Problem> {
    text.parse().map_err(|error: doorstep::base::IdError| {
        Problem::bad("malformed", error.to_string(), "use an id as a list shows it")
    })
}

/// Reads something for an account of at least this role.
async fn read<T: Serialize + Send + 'static>(
    server: Arc<Server>,
    headers: HeaderMap,
    role: Role,
    mut rule: impl FnMut(&mut dyn Tx) -> Result<T, Failure> + Send + 'static,
) -> Result<Response, Problem> {
    read_now(server, headers, role, move |tx, _| rule(tx)).await
}

/// Reads something that depends on the time, for an account of at least this role.
async fn read_now<T: Serialize + Send + 'static>(
    server: Arc<Server>,
    headers: HeaderMap,
    role: Role,
    mut rule: impl FnMut(&mut dyn Tx, &Context<'_>) -> Result<T, Failure> + Send + 'static,
) -> Result<Response, Problem> {
    let token = token(&headers);
    let view = super::run(server, move |tx, ctx| {
        rules::authorise(tx, token.as_deref(), role)?;
        rule(tx, ctx)
    })
    .await?;
    Ok(json(StatusCode::OK, &view))
}

/// Does something for an account of at least this role. Who may not is told so before what they
/// sent is looked at.
async fn act<I, T>(
    server: Arc<Server>,
    headers: HeaderMap,
    bytes: Body,
    role: Role,
    mut rule: impl FnMut(&mut dyn Tx, &mut Context<'_>, &Account, &I) -> Result<T, Failure>
    + Send
    + 'static,
) -> Result<Response, Problem>
where
    I: DeserializeOwned + Send + 'static,
    T: Serialize + Send + 'static,
{
    let token = token(&headers);
    let bytes = body(bytes)?;
    let view = super::run(server, move |tx, ctx| {
        let account = rules::authorise(tx, token.as_deref(), role)?;
        let input = parse(&bytes)?;
        rule(tx, ctx, &account, &input)
    })
    .await?;
    Ok(json(StatusCode::OK, &view))
}
