//! The floors: the least that keeps bytes through a loss of power, here or across the network.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    routing::post,
};
use rusqlite::Connection;

use crate::measure::Failed;

/// A database of one table, with the pragmas that the phone's and the server's stores have.
pub(crate) fn database(path: &Path) -> Result<Connection, Failed> {
    let db = Connection::open(path)?;
    pragmas(&db)?;
    db.execute_batch("CREATE TABLE IF NOT EXISTS kept (id INTEGER PRIMARY KEY, bytes BLOB)")?;
    Ok(db)
}

/// What makes a commit survive loss of power.
pub(crate) fn pragmas(db: &Connection) -> Result<(), Failed> {
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "fullfsync", true)?;
    db.pragma_update(None, "checkpoint_fullfsync", true)?;
    Ok(())
}

/// Keeps bytes in one durable insert.
pub(crate) fn keep(db: &Connection, bytes: &[u8]) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO kept (bytes) VALUES (?1)")?.execute([bytes])?;
    Ok(())
}

/// Serves `POST /keep`: stores the body and answers once it is durable.
pub(crate) async fn serve(path: &Path) -> Result<SocketAddr, Failed> {
    let db = Arc::new(Mutex::new(database(path)?));
    let app = Router::new()
        .route("/keep", post(handle).layer(DefaultBodyLimit::max(64 << 20)))
        .with_state(db);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

type Answer = (StatusCode, [(header::HeaderName, &'static str); 1], &'static str);

async fn handle(State(db): State<Arc<Mutex<Connection>>>, body: Bytes) -> Answer {
    let kept = tokio::task::spawn_blocking(move || {
        keep(&db.lock().unwrap_or_else(PoisonError::into_inner), &body)
    });
    let status = match kept.await {
        Ok(Ok(())) => StatusCode::OK,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, [(header::CONTENT_TYPE, "application/cose")], "")
}
