//! The listening server, in the clear (for loopback, or behind a proxy) or with TLS.

use std::{future::Future, io, sync::Arc, time::Duration};

use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_rustls::TlsAcceptor;

use super::{
    tls::{self, TlsError},
    wake::Bells,
};
use crate::Server;

/// Connections kept at once; others wait in the system's queue.
const CONNECTIONS: usize = 1_024;
/// A handshake or a request's head takes no longer, or the connection is cut.
const GREETING_TIME: Duration = Duration::from_secs(10);
/// Requests under way get this long to end once the server is told to stop.
const FAREWELL_TIME: Duration = Duration::from_secs(10);

/// Serves until `shutdown` is ready; requests under way are finished.
pub async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    accept(listener, server, None, shutdown).await
}

/// Like [`serve`], with TLS under the company's key (see [`crate::TLS_ISSUER`]).
pub async fn serve_tls(
    listener: TcpListener,
    server: Arc<Server>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let config = server.tls_config()?;
    accept(listener, server, Some(TlsAcceptor::from(Arc::new(config))), shutdown).await?;
    Ok(())
}

/// Why a server doesn't serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The socket.
    #[error("the server cannot listen: {0}")]
    Socket(#[from] io::Error),
}

impl Server {
    fn tls_config(&self) -> Result<rustls::ServerConfig, TlsError> {
        tls::config(self.keys())
    }
}

async fn accept(
    listener: TcpListener,
    server: Arc<Server>,
    tls: Option<TlsAcceptor>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let bells = Bells::default();
    let app = super::routes(server, bells.clone());
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
            Ok::<_, io::Error>((place, listener.accept().await?.0))
        };
        let (place, stream) = tokio::select! {
            next = next => match next {
                Ok(next) => next,
                // Too many open files, or a client gone before it was met: others may do better.
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = &mut shutdown => break,
        };
        let (app, tls, watcher) = (app.clone(), tls.clone(), graceful.watcher());
        tokio::spawn(async move {
            connection(stream, tls, app, watcher).await;
            drop(place);
        });
    }
    drop(listener);
    bells.close();
    let _ = tokio::time::timeout(FAREWELL_TIME, graceful.shutdown()).await;
    Ok(())
}

async fn connection(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    app: axum::Router,
    watcher: Watcher,
) {
    // Small answers must not wait for more.
    let _ = stream.set_nodelay(true);
    match tls {
        None => speak(stream, app, watcher).await,
        Some(tls) => match tokio::time::timeout(GREETING_TIME, tls.accept(stream)).await {
            Ok(Ok(stream)) => speak(stream, app, watcher).await,
            Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
            Err(_) => tracing::debug!("a handshake took too long"),
        },
    }
}

async fn speak(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    app: axum::Router,
    watcher: Watcher,
) {
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(GREETING_TIME);
    let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection ended badly");
    }
}
