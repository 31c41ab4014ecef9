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
    response::IntoResponse,
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

/// A row of an event, as the server's tables have it.
pub(crate) struct EventRow {
    pub(crate) seq: i64,
    pub(crate) hash: [u8; 32],
    pub(crate) action: [u8; 16],
    pub(crate) bytes: Vec<u8>,
}

/// The server's table of events and its index, in SQLite.
pub(crate) fn event_table(path: &Path) -> Result<Connection, Failed> {
    let db = database(path)?;
    db.execute_batch(
        "CREATE TABLE event (stream INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,
                             action BLOB NOT NULL, bytes BLOB NOT NULL, UNIQUE (stream, seq)) STRICT;
         CREATE INDEX event_action ON event (action)",
    )?;
    Ok(db)
}

/// Inserts the rows of one stream's number, durably, in one transaction.
pub(crate) fn insert_events(
    db: &mut Connection,
    stream: i64,
    rows: &[EventRow],
) -> Result<(), Failed> {
    let transaction = db.transaction()?;
    {
        let mut insert =
            transaction.prepare_cached("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for row in rows {
            insert.execute((stream, row.seq, row.hash, row.action, &row.bytes))?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// The same in PostgreSQL: one statement for all rows.
pub(crate) struct EventTable {
    client: tokio_postgres::Client,
    insert: tokio_postgres::Statement,
}

impl EventTable {
    pub(crate) async fn open(url: &str) -> Result<EventTable, Failed> {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        let table =
            "CREATE TABLE event (stream BIGINT NOT NULL, seq BIGINT NOT NULL, hash BYTEA NOT NULL,
                                         action BYTEA NOT NULL, bytes BYTEA NOT NULL,
                                         PRIMARY KEY (stream, seq));
                     CREATE INDEX event_action ON event (action)";
        client.batch_execute(table).await?;
        let insert = "INSERT INTO event SELECT $1::bigint, * FROM
                      unnest($2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[])";
        let insert = client.prepare(insert).await?;
        Ok(EventTable { client, insert })
    }

    pub(crate) async fn insert(&self, stream: i64, rows: &[EventRow]) -> Result<(), Failed> {
        let seqs: Vec<_> = rows.iter().map(|row| row.seq).collect();
        let hashes: Vec<_> = rows.iter().map(|row| &row.hash[..]).collect();
        let actions: Vec<_> = rows.iter().map(|row| &row.action[..]).collect();
        let bytes: Vec<_> = rows.iter().map(|row| &row.bytes[..]).collect();
        self.client.execute(&self.insert, &[&stream, &seqs, &hashes, &actions, &bytes]).await?;
        Ok(())
    }
}

/// Serves `POST /keep`: stores the body and answers once it is durable.
pub(crate) async fn serve(path: &Path) -> Result<SocketAddr, Failed> {
    let db = Arc::new(Mutex::new(database(path)?));
    let app = Router::new()
        .route("/keep", post(handle).layer(DefaultBodyLimit::max(64 << 20)))
        .route("/bytes", post(bytes))
        .with_state(db);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

/// As many bytes as the request says.
async fn bytes(count: String) -> impl IntoResponse {
    (AS_OURS, vec![0x5a; count.parse().unwrap_or(0)])
}

/// What the phone's transport takes an answer for our server's by.
const AS_OURS: [(header::HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/cose")];

async fn handle(State(db): State<Arc<Mutex<Connection>>>, body: Bytes) -> impl IntoResponse {
    let kept = tokio::task::spawn_blocking(move || {
        keep(&db.lock().unwrap_or_else(PoisonError::into_inner), &body)
    });
    let status = match kept.await {
        Ok(Ok(())) => StatusCode::OK,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, AS_OURS)
}
