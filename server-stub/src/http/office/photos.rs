//! `GET /v1/office/orders/{id}/photos/{address}`: a photo, opened, as the phone took it.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use doorstep::base::Hash;

use super::{id, token};
use crate::{Server, problem::Problem, rules, store::Role};

pub(super) async fn view(
    State(server): State<Arc<Server>>,
    Path((order, address)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let order = id(&order)?;
    let address: Hash = address.parse().map_err(|error: doorstep::base::IdError| {
        Problem::bad("malformed", error.to_string(), "use an address as an event shows it")
    })?;
    let token = token(&headers);
    let bytes = super::super::run(server, move |tx, _| {
        rules::authorise(tx, token.as_deref(), Role::Dispatcher)?;
        rules::photo(tx, order, &address)
    })
    .await?;
    // Whatever it is, a browser only offers to save it: nothing of a phone's is run in the office.
    let kind = HeaderValue::from_static("application/octet-stream");
    let save = HeaderValue::from_static("attachment");
    let sniff = HeaderValue::from_static("nosniff");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, save),
        (header::X_CONTENT_TYPE_OPTIONS, sniff),
    ];
    Ok((headers, bytes).into_response())
}
