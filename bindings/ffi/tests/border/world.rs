//! Mei's phone, and how a test waits for what it does.

use std::{
    path::PathBuf,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use doorstep::base::Lang;
use doorstep_ffi::{Clock, Doorstep, DoorstepError, Money, Options, Platform, PlatformError};

use crate::office::Office;

const NOON: i64 = 1_796_097_600_000;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for a future, or drops it after it was looked at `looks` times.
pub(crate) fn wait<T>(future: impl Future<Output = T>, looks: usize) -> Option<T> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let (mut future, mut context) = (pin!(future), Context::from_waker(&waker));
    for _ in 0..looks {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return Some(done);
        }
        thread::park();
    }
    None
}

pub(crate) fn done<T>(future: impl Future<Output = T>) -> T {
    wait(future, usize::MAX).expect("it is looked at until it is done")
}

/// Mei's phone as the platform sees it.
#[derive(Default)]
pub(crate) struct Pocket {
    secret: Mutex<Option<Vec<u8>>>,
    ms: AtomicI64,
    pub(crate) panics: AtomicBool,
    pub(crate) locked: AtomicBool,
}

impl Platform for Pocket {
    fn load_secret(&self) -> Result<Option<Vec<u8>>, PlatformError> {
        Ok(self.secret.lock().unwrap().clone())
    }

    fn keep_secret(&self, secret: Vec<u8>) -> Result<(), PlatformError> {
        if self.locked.load(Ordering::SeqCst) {
            return Err(PlatformError::Failed { text: "the keystore is locked".to_owned() });
        }
        *self.secret.lock().unwrap() = Some(secret);
        Ok(())
    }

    fn clock(&self) -> Result<Clock, PlatformError> {
        assert!(!self.panics.load(Ordering::SeqCst), "the clock fell on the floor");
        let ms = self.ms.fetch_add(1_000, Ordering::SeqCst);
        let boot_id = "boot".to_owned();
        Ok(Clock { wall_ms: NOON + ms, zone_min: 480, boot_id, since_boot_ms: ms })
    }
}

pub(crate) struct World {
    pub(crate) directory: PathBuf,
    pub(crate) pocket: Arc<Pocket>,
}

impl World {
    pub(crate) fn new() -> World {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let name = format!("doorstep-ffi-{}-{number}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&directory).unwrap();
        World { directory, pocket: Arc::default() }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.directory.join("mei.db")
    }

    pub(crate) fn open(&self, server_url: &str) -> Result<Arc<Doorstep>, DoorstepError> {
        let options =
            Options { server_url: server_url.to_owned(), company_key: None, roots_pem: None };
        let path = self.file().to_string_lossy().into_owned();
        Doorstep::open(path, options, self.pocket.clone())
    }

    /// A server on loopback, for as long as the test runs, and a code for Mei's phone.
    pub(crate) fn serve(&self) -> (String, String) {
        let (office, url) = Office::open(&self.directory);
        (url, office.code())
    }

    /// An office that published all that ships and gave these orders, and Mei's phone, which has them.
    pub(crate) fn ready<T>(&self, orders: impl FnOnce(&Office) -> T) -> (Office, Arc<Doorstep>) {
        let (office, url) = Office::open(&self.directory);
        office.publish_shipped();
        orders(&office);
        let phone = self.open(&url).unwrap();
        done(phone.enrol(office.code(), None, Lang::En)).unwrap();
        done(phone.sync(Lang::En)).unwrap();
        (office, phone)
    }

    pub(crate) fn enrolled(&self) -> Arc<Doorstep> {
        let (url, code) = self.serve();
        let phone = self.open(&url).unwrap();
        done(phone.enrol(code, None, Lang::En)).unwrap();
        phone
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

pub(crate) fn cny(minor: i64) -> Money {
    Money { minor, currency: "CNY".to_owned() }
}
