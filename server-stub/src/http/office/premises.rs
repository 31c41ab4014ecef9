//! `POST /v1/office/premises`: keeps premises, standing data of the district.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};

use super::{Body, act};
use crate::{
    Server,
    problem::Problem,
    rules::{self, PremisesInput},
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
