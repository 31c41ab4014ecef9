//! Where a store keeps its rows, so that it can be opened twice; and people to keep.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use doorstep::{
    base::{Hash, Id, Instant, Personal},
    log::{Chain, DeviceKeys, StorageKey, StreamId, Subject, Vault, Writer},
    sync::Person,
};
use doorstep_server::{
    Failure,
    store::{
        DeviceRow, FeedItem, Finish, NewEvent, OpenError, Store, StoreError, Tx,
        postgres::PostgresStore, sqlite::SqliteStore, transact, unlock,
    },
};
use doorstep_test_postgres::{Database, database};

pub(crate) const NOON: Instant = Instant(1_795_000_000_000);

/// An empty database of each kind.
pub(crate) enum Place {
    Sqlite(PathBuf),
    /// One process and one connection: whoever opens it again gets the same.
    Memory(Arc<SqliteStore>),
    Postgresql(Database),
}

impl Place {
    pub(crate) fn sqlite() -> Place {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let name = format!("doorstep-store-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Place::Sqlite(path)
    }

    pub(crate) fn memory() -> Place {
        Place::Memory(Arc::new(SqliteStore::open(Path::new(":memory:"), None).unwrap()))
    }

    pub(crate) fn postgresql() -> Place {
        Place::Postgresql(database())
    }

    pub(crate) fn try_open(&self) -> Result<Box<dyn Store>, OpenError> {
        Ok(match self {
            Place::Sqlite(path) => Box::new(SqliteStore::open(&path.join("server.db"), None)?),
            Place::Memory(store) => Box::new(Shared(store.clone())),
            Place::Postgresql(database) => Box::new(PostgresStore::open(&database.url)?),
        })
    }

    /// A store over what is there: one more server process, as far as a store can tell.
    pub(crate) fn open(&self) -> Box<dyn Store> {
        let store = self.try_open().unwrap_or_else(|error| panic!("{error}"));
        unlock(&*store, storage("the company")).unwrap();
        store
    }
}

struct Shared(Arc<SqliteStore>);

impl Store for Shared {
    fn run(
        &self,
        body: &mut dyn FnMut(&mut dyn Tx) -> Result<Finish, StoreError>,
    ) -> Result<(), StoreError> {
        self.0.run(body)
    }

    fn keep_under(&self, vault: Arc<Vault>) {
        self.0.keep_under(vault);
    }
}

/// What a company's keys are kept under.
pub(crate) fn storage(company: &str) -> StorageKey {
    let secret = Hash::of(&[company.as_bytes()]);
    let secret = [*secret.as_bytes(); 2].concat();
    StorageKey::of(&DeviceKeys::from_secret(&secret).unwrap())
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Place::Sqlite(path) = self {
            let _ = std::fs::remove_dir_all(path);
        }
    }
}

/// Runs a rule that must succeed.
pub(crate) fn run<T>(store: &dyn Store, rule: impl FnMut(&mut dyn Tx) -> Result<T, Failure>) -> T {
    transact(store, rule).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn id(name: &str) -> Id {
    Id::from_hash(&Hash::of(&[name.as_bytes()]))
}

pub(crate) fn hash(name: &str) -> Hash {
    Hash::of(&[name.as_bytes()])
}

pub(crate) fn person(name: &str) -> Person {
    Person { id: id(name), name: Personal::new(name.to_owned()), badge: "0417".into() }
}

/// A person's device, as enrolled.
pub(crate) fn phone(name: &str) -> DeviceRow {
    DeviceRow {
        id: id(&format!("{name}'s phone")),
        person: Some(id(name)),
        certificate: name.as_bytes().to_vec(),
        enrolled_at: NOON,
        seen_at: None,
        requests: 0,
        recorded: 0,
        unsent: 0,
        standing: 0,
        suspect: None,
        revoked: None,
    }
}

/// Keeps people and a phone for each; gives the phones' ids.
pub(crate) fn enrol<const N: usize>(store: &dyn Store, names: [&str; N]) -> [Id; N] {
    run(store, |tx| {
        for name in names {
            tx.put_person(&person(name))?;
            tx.put_device(&phone(name))?;
        }
        Ok(())
    });
    names.map(|name| phone(name).id)
}

/// What somebody's phone writes about an order.
pub(crate) fn stream(order: &str, name: &str) -> StreamId {
    StreamId::new(Subject::work_order(id(order)), Writer::Device(phone(name).id))
}

/// Events with these bytes behind `before`, and where the chain stands then.
pub(crate) fn events(before: Chain, bytes: &[&[u8]]) -> (Vec<NewEvent>, Chain) {
    let mut chain = before;
    let events = bytes.iter().map(|bytes| {
        chain = chain.then(bytes);
        let action = Id::from_hash(&Hash::of(&[b"action", bytes]));
        NewEvent { hash: chain.hash, action, bytes: bytes.to_vec() }
    });
    (events.collect(), chain)
}

/// A line of a feed that can be told from others.
pub(crate) fn line(number: u64) -> FeedItem {
    FeedItem::Standing { after: number, to: number + 1 }
}
