//! Routes: bytes and JSON in and out. Every decision is a rule's.
//!
//! Limits stand here: body sizes, time per request, requests at once. Whatever goes wrong is told
//! as a [`Problem`] in JSON, also what the router itself refuses.

mod answer;
mod enrol;
mod exchange;
mod health;
mod limits;
mod office;
mod photos;
mod serve;
mod tls;
mod wake;

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use doorstep::sync::{MAX_PACKET_BYTES, MAX_PART_BYTES};
use tower_http::timeout::TimeoutLayer;

use crate::{
    Server,
    problem::{Failure, Problem},
    rules::Context,
    store::Tx,
};

pub use serve::{ServeError, serve, serve_tls};
pub use tls::{TLS_ISSUER, TlsError};

/// An enrolment fits into this.
const ENROL_BYTES: usize = 8 * 1024;

/// A part of a photo with its leave.
const PART_BYTES: usize = MAX_PART_BYTES + 4 * 1024;

/// A wish to be woken fits into this.
const WAKE_BYTES: usize = 1024;

/// All routes of a server.
pub fn app(server: Arc<Server>) -> Router {
    routes(server, wake::Bells::default())
}

fn routes(server: Arc<Server>, bells: wake::Bells) -> Router {
    Router::new()
        .route("/v1/health", get(health::handle))
        .route("/v1/enrol", post(enrol::handle).layer(DefaultBodyLimit::max(ENROL_BYTES)))
        .route(
            "/v1/exchange",
            post(exchange::handle).layer(DefaultBodyLimit::max(MAX_PACKET_BYTES)),
        )
        .route("/v1/photos", post(photos::handle).layer(DefaultBodyLimit::max(PART_BYTES)))
        .route("/v1/wake", post(wake::handle).layer(DefaultBodyLimit::max(WAKE_BYTES)))
        .nest("/v1/office", office::routes())
        .fallback(answer::no_route)
        .method_not_allowed_fallback(answer::no_method)
        .layer(TimeoutLayer::with_status_code(
            axum::http::StatusCode::REQUEST_TIMEOUT,
            limits::REQUEST_TIME,
        ))
        .layer(middleware::from_fn_with_state(limits::Slots::new(), limits::take_slot))
        .layer(middleware::map_response(answer::in_json))
        .layer(Extension(bells))
        .with_state(server)
}

/// Runs a rule on a thread that may block; no transaction is open across an await.
async fn run<T: Send + 'static>(
    server: Arc<Server>,
    rule: impl FnMut(&mut dyn Tx, &mut Context<'_>) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(move || server.run(rule)).await {
        Ok(done) => done,
        Err(error) => {
            tracing::error!(%error, "a rule did not end");
            Err(Problem::internal())
        }
    }
}
