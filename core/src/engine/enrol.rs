//! Opening, and becoming a device.

use std::{collections::HashMap, path::Path, sync::Arc};

use zeroize::Zeroizing;

use crate::{
    base::{Entropy, Hash, Id},
    log::{Certificate, DeviceKeys, StorageKey, Subject, Writer},
    money::PriceList,
    standard::{Profile, Qualifications, ServicePromises, Standard},
    store::{OpenError, Stamp, Store, StoreError, Transaction},
    sync::{
        Company, Cursor, EnrolAnswer, EnrolRequest, Machine, Pace, PacketError, Person,
        open_enrol_answer, seal_enrol,
    },
};

use super::{
    answer::{FORKED, STATEMENT},
    carry::CARRIED,
    context::VisitView,
    exchange::{InFlight, Numbers},
    pen::seal,
    photo::Sending,
    project::STALE,
    recorder::SyncFact,
    search::InScope,
    shift,
};

/// Where private keys live: the platform's keystore. They leave it only into the engine's memory.
pub trait SecretStore: Send {
    /// The secret, if one was kept.
    fn load(&self) -> Result<Option<Vec<u8>>, String>;
    /// Keeps the secret before this returns.
    fn keep(&mut self, secret: &[u8]) -> Result<(), String>;
}

/// What the platform gives.
pub struct EngineOptions {
    /// Randomness fit for keys.
    pub entropy: Box<dyn Entropy>,
    /// Where keys live.
    pub secrets: Box<dyn SecretStore>,
    /// Another SQLite VFS than the system's, for tests.
    pub vfs: Option<String>,
}

/// Who this device is.
pub struct Identity {
    pub(super) keys: DeviceKeys,
    pub(super) certificate: Certificate,
    pub(super) company_signing_key: [u8; 32],
    pub(super) company_wrapping_key: [u8; 32],
    pub(super) person: Person,
    pub(super) company: Company,
}

impl Identity {
    /// The device's certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The person it was enrolled for.
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// The company.
    pub fn company(&self) -> &Company {
        &self.company
    }

    /// The company's public key: checks receipts and exports.
    pub fn company_key(&self) -> &[u8; 32] {
        &self.company_signing_key
    }

    /// This device as a writer.
    pub fn writer(&self) -> Writer {
        Writer::Device(self.certificate.id())
    }

    /// Its receipt series.
    pub fn series(&self) -> Subject {
        Subject::receipt_series(self.certificate.id())
    }
}

/// The whole phone, without screens and sockets.
pub struct Engine {
    pub(super) store: Store,
    pub(super) identity: Option<Identity>,
    pub(super) entropy: Box<dyn Entropy>,
    pub(super) secrets: Box<dyn SecretStore>,
    pub(super) machine: Machine,
    pub(super) pace: Pace,
    /// What went wrong and is not in the flight recorder yet.
    pub(super) facts: Vec<SyncFact>,
    /// The next request brings the whole certificate: the server may have forgotten it.
    pub(super) introduce: bool,
    pub(super) in_flight: Option<InFlight>,
    pub(super) books: Books,
    pub(super) numbers: Numbers,
    pub(super) sending: Sending,
}

/// The newest standards that have checklists, and which versions were looked through.
pub(super) type Tables = (Vec<(String, u32)>, Arc<[Arc<Standard>]>);

/// What is kept from tap to tap because reading it again costs more than the tap: standing data as
/// parsed, by version, and the visit under way as it was left, good while the file is at that stamp.
#[derive(Default)]
pub(super) struct Books {
    pub(super) visit: Option<(VisitView, Stamp)>,
    pub(super) standards: HashMap<Hash, Arc<Standard>>,
    pub(super) price_lists: HashMap<Hash, Arc<PriceList>>,
    pub(super) region: Option<(Hash, Arc<Profile>)>,
    pub(super) promises: Option<(Hash, Arc<ServicePromises>)>,
    pub(super) qualifications: Option<(Hash, Arc<Qualifications>)>,
    pub(super) in_scope: Option<InScope>,
    pub(super) tables: Option<Tables>,
}

const ENROLMENT: &str = "enrolment";
/// Bytes of one device's secret.
const SECRET: usize = 64;

/// What the secret store holds; nothing when it holds none. Wiped once it is let go.
fn loaded(secrets: &dyn SecretStore) -> Result<Zeroizing<Vec<u8>>, String> {
    Ok(Zeroizing::new(secrets.load()?.unwrap_or_default()))
}

impl Engine {
    /// Opens the file at `path`, or starts a new one.
    pub fn open(path: &Path, options: EngineOptions) -> Result<Engine, OpenError> {
        let mut store = Store::open(path, options.vfs.as_deref())?;
        let io = |error: StoreError| OpenError::Io(error.to_string());
        let last_success = store.read().meta("last_success").map_err(io)?;
        let enrolment: Option<EnrolAnswer> = store.read().meta(ENROLMENT).map_err(io)?;
        let secret = loaded(&*options.secrets).map_err(OpenError::Io)?;
        let identity = match enrolment {
            // Without the certificate's keys (a lost keystore) the phone must be enrolled again: the
            // file keeps its work, and the next certificate adopts it.
            Some(enrolment) => identity(enrolment, kept(&secret)).ok(),
            None => None,
        };
        if let Some(me) = &identity {
            store.unlock(StorageKey::of(&me.keys)).map_err(io)?;
        }
        let stale = store.read().meta::<bool>(STALE).map_err(io)?.is_some();
        let mut engine = Engine {
            store,
            identity,
            entropy: options.entropy,
            secrets: options.secrets,
            machine: Machine::new(last_success),
            pace: Pace::default(),
            facts: Vec::new(),
            introduce: false,
            in_flight: None,
            books: Books::default(),
            numbers: Numbers::default(),
            sending: Sending::default(),
        };
        if stale && engine.identity.is_some() {
            engine.rebuild().map_err(|error| OpenError::Io(error.to_string()))?;
        }
        Ok(engine)
    }

    /// Who this device is, once enrolled.
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// The store, to read from.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The bytes to send to the server with a one-time code. Keys are made and kept first, so that
    /// an answer that comes after a crash still finds them.
    pub fn enrol_request(&mut self, code: &str) -> Result<Vec<u8>, String> {
        let known = kept(&loaded(&*self.secrets)?).pop();
        let keys = match (known, &self.identity) {
            (Some(keys), None) => keys,
            _ => {
                let keys = DeviceKeys::generate(&mut *self.entropy);
                if self.identity.is_none() {
                    self.secrets.keep(&*Zeroizing::new(keys.to_secret()))?;
                }
                keys
            }
        };
        Ok(enrolment(code, &keys))
    }

    /// The bytes to send to the server with a one-time code so that this phone gets a new
    /// certificate on the same file: after a fork, a revocation, an expiry. Until the answer is
    /// taken, everything stays as it is; new keys are kept beside the old.
    pub fn enrol_again_request(&mut self, code: &str) -> Result<Vec<u8>, String> {
        let Some(me) = &self.identity else { return self.enrol_request(code) };
        let old = Zeroizing::new(me.keys.to_secret());
        let pending = kept(&loaded(&*self.secrets)?);
        let pending = pending.into_iter().find(|keys| keys.public() != me.keys.public());
        let keys = match pending {
            Some(keys) => keys,
            None => {
                let keys = DeviceKeys::generate(&mut *self.entropy);
                let both =
                    Zeroizing::new([&old[..], &Zeroizing::new(keys.to_secret())[..]].concat());
                self.secrets.keep(&both)?;
                keys
            }
        };
        Ok(enrolment(code, &keys))
    }

    /// Takes the server's answer. `company` is the key the code's QR showed; without one the
    /// answer's own is pinned.
    ///
    /// On a file that was enrolled before, it takes what [`Engine::enrol_again_request`] asked for,
    /// or what was asked for after the keys were lost. What is unsent of the earlier certificate is
    /// *adopted*: sealed a last time by the earlier key where that is still here, and sent by the new
    /// device. Nothing that was recorded is lost.
    pub fn finish_enrol(
        &mut self,
        answer: &[u8],
        company: Option<&[u8; 32]>,
    ) -> Result<&Identity, EnrolError> {
        let answer = open_enrol_answer(company, answer)?;
        let secret = loaded(&*self.secrets).map_err(EnrolError::Secrets)?;
        let keys = kept(&secret);
        let asked = |keys: &DeviceKeys| {
            self.identity.as_ref().is_none_or(|me| me.keys.public() != keys.public())
        };
        if !keys.is_empty() && !keys.iter().any(asked) {
            return Err(EnrolError::AlreadyEnrolled);
        }
        if keys.is_empty() {
            return Err(EnrolError::Secrets("the keys are gone".to_owned()));
        }
        let new = identity(answer.clone(), keys).map_err(EnrolError::NotForUs)?;
        let earlier: Option<EnrolAnswer> = self.store.read().meta(ENROLMENT)?;
        if let Some(earlier) = &earlier {
            if earlier.company_signing_key != new.company_signing_key {
                return Err(EnrolError::OtherCompany);
            }
            if earlier.person.id != new.person.id {
                return Err(EnrolError::OtherPerson);
            }
        }
        let old = self.identity.as_ref();
        let storage = StorageKey::of(&new.keys);
        self.store.transaction(|tx| {
            if let Some(earlier) = &earlier {
                put_pen_down(tx, old, earlier)?;
            }
            tx.set_meta(ENROLMENT, &answer)?;
            tx.keep_keys_under(&storage)?;
            tx.keep_certificate(new.certificate.id(), new.certificate.bytes())
        })?;
        self.store.unlock(storage)?;
        // Dying before this line leaves both keys; the certificate says which is meant.
        self.secrets.keep(&*Zeroizing::new(new.keys.to_secret())).map_err(EnrolError::Secrets)?;
        self.books = Books::default();
        self.in_flight = None;
        self.sending = Sending::default();
        self.introduce = false;
        self.machine = Machine::new(None);
        Ok(self.identity.insert(new))
    }

    /// The id the device has as a writer, once enrolled.
    pub fn device(&self) -> Option<Id> {
        self.identity.as_ref().map(|identity| identity.certificate.id())
    }
}

/// Why an enrolment fails. The code may be used up then: ask for another.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// It has a certificate already, and asked for no other.
    #[error("this phone is enrolled already")]
    AlreadyEnrolled,
    /// The file holds work for another company.
    #[error("this phone holds work for another company: use another file for this one")]
    OtherCompany,
    /// The file holds another person's work.
    #[error(
        "this phone holds the work of another person: ask the office for a code in that person's \
         name, or use another file"
    )]
    OtherPerson,
    /// The answer doesn't hold.
    #[error(transparent)]
    Packet(#[from] PacketError),
    /// The certificate isn't for these keys.
    #[error("the certificate is not for this phone: {0}")]
    NotForUs(String),
    /// The platform's keystore.
    #[error("the secret store failed: {0}")]
    Secrets(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An enrolment with these keys.
fn enrolment(code: &str, keys: &DeviceKeys) -> Vec<u8> {
    let public = keys.public();
    let request = EnrolRequest {
        code: code.to_owned(),
        signing_key: public.signing,
        wrapping_key: public.wrapping,
    };
    seal_enrol(&keys.sign_key(), &request)
}

/// The keys in a kept secret: one, or two while a new certificate is being asked for.
fn kept(secret: &[u8]) -> Vec<DeviceKeys> {
    secret.chunks(SECRET).filter_map(DeviceKeys::from_secret).collect()
}

/// Ends what the earlier certificate wrote: each of its streams is sealed as it stands, if its key is
/// still here; the cash in the bag goes over to the new series; and what the server said to the
/// earlier device is forgotten.
fn put_pen_down(
    tx: &Transaction<'_>,
    old: Option<&Identity>,
    earlier: &EnrolAnswer,
) -> Result<(), StoreError> {
    let certificate = Certificate::verify(&earlier.certificate, &earlier.company_signing_key);
    let Ok(certificate) = certificate else { return Ok(()) };
    let writer = Writer::Device(certificate.id());
    for row in tx.read().own_streams()? {
        // What was decided about it the earlier certificate was perhaps not told any more: ask again.
        if row.stream.writer == writer && !["", FORKED].contains(&row.trouble.as_str()) {
            tx.offer_again(&row, 0)?;
        }
    }
    if let Some(me) = old {
        for row in tx.read().own_streams()? {
            if row.stream.writer == writer && row.unsent() > 0 {
                tx.keep_seal(&row, row.chain.seq, seal(me, &row, row.chain).bytes())?;
            }
        }
    }
    shift::carry_over(tx, &Subject::receipt_series(certificate.id()))?;
    // All is read anew; but which server it was that took what is here stays known, as another one, put
    // back from a backup, is to be offered it again.
    let epoch = tx.read().meta::<Cursor>("cursor")?.map_or(0, |cursor| cursor.epoch);
    tx.set_meta("cursor", &Cursor { epoch, position: 0 })?;
    for key in ["last_answer", STATEMENT, "last_success", "mark", CARRIED] {
        tx.clear_meta(key)?;
    }
    tx.clear_scope()
}

fn identity(enrolment: EnrolAnswer, keys: Vec<DeviceKeys>) -> Result<Identity, String> {
    let certificate = Certificate::verify(&enrolment.certificate, &enrolment.company_signing_key)
        .map_err(|error| error.to_string())?;
    let keys = keys.into_iter().find(|keys| certificate.keys() == keys.public());
    let keys = keys.ok_or_else(|| "its keys are others".to_owned())?;
    Ok(Identity {
        keys,
        certificate,
        company_signing_key: enrolment.company_signing_key,
        company_wrapping_key: enrolment.company_wrapping_key,
        person: enrolment.person,
        company: enrolment.company,
    })
}
