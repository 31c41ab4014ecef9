//! `GET /v1/office/meters-to-report/{month}`: meters whose readings of a month ask for a look.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};

use super::read_now;
use crate::{Server, problem::Problem, rules, store::Role};

pub(super) async fn list(
    State(server): State<Arc<Server>>,
    Path(month): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let rule = move |tx: &mut dyn crate::store::Tx, ctx: &rules::Context<'_>| {
        rules::meters_to_report(tx, ctx, &month)
    };
    read_now(server, headers, Role::Dispatcher, rule).await
}
