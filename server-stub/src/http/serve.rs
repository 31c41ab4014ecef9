//! The listening server.

use std::{future::Future, io, sync::Arc};

use tokio::net::TcpListener;

use crate::Server;

/// Serves until `shutdown` is ready; requests under way are finished.
pub async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, super::app(server)).with_graceful_shutdown(shutdown).await
}
