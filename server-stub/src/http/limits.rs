//! How much at once, and how long.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::sync::Semaphore;

use crate::problem::{Problem, ProblemKind};

/// The longest a request may take, its body's arrival included.
pub(super) const REQUEST_TIME: Duration = Duration::from_secs(60);

/// Requests worked on at once; more are sent away to come back.
const AT_ONCE: usize = 256;

/// Places for requests.
#[derive(Clone)]
pub(super) struct Slots(Arc<Semaphore>);

impl Slots {
    pub(super) fn new() -> Slots {
        Slots(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

pub(super) async fn take_slot(
    State(slots): State<Slots>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(_slot) = slots.0.try_acquire() else {
        let message = "too many requests at once";
        let todo = "send it again after the time named";
        return Problem::new(ProblemKind::Busy(2), "busy", message, todo).into_response();
    };
    next.run(request).await
}
