//! Opening, and becoming a device.

use std::{collections::HashMap, path::Path, sync::Arc};

use crate::{
    base::{Entropy, Hash, Id},
    log::{Certificate, DeviceKeys, Subject, Writer},
    money::PriceList,
    standard::{Profile, Standard},
    store::{OpenError, Stamp, Store, StoreError},
    sync::{
        Company, EnrolAnswer, EnrolRequest, Machine, PacketError, Person, open_enrol_answer,
        seal_enrol,
    },
};

use super::{
    context::VisitView,
    exchange::{InFlight, Numbers},
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
    /// The next request brings the whole certificate: the server may have forgotten it.
    pub(super) introduce: bool,
    pub(super) in_flight: Option<InFlight>,
    pub(super) books: Books,
    pub(super) numbers: Numbers,
}

/// What is kept from tap to tap because reading it again costs more than the tap: standing data as
/// parsed, by version, and the visit under way as it was left, good while the file is at that stamp.
#[derive(Default)]
pub(super) struct Books {
    pub(super) visit: Option<(VisitView, Stamp)>,
    pub(super) standards: HashMap<Hash, Arc<Standard>>,
    pub(super) price_lists: HashMap<Hash, Arc<PriceList>>,
    pub(super) region: Option<(Hash, Arc<Profile>)>,
}

const ENROLMENT: &str = "enrolment";

impl Engine {
    /// Opens the file at `path`, or starts a new one.
    pub fn open(path: &Path, options: EngineOptions) -> Result<Engine, OpenError> {
        let store = Store::open(path, options.vfs.as_deref())?;
        let io = |error: StoreError| OpenError::Io(error.to_string());
        let last_success = store.read().meta("last_success").map_err(io)?;
        let enrolment: Option<EnrolAnswer> = store.read().meta(ENROLMENT).map_err(io)?;
        let secret = options.secrets.load().map_err(OpenError::Io)?;
        let keys = secret.and_then(|secret| DeviceKeys::from_secret(&secret));
        let identity = match (enrolment, keys) {
            (Some(enrolment), Some(keys)) => {
                Some(identity(enrolment, keys).map_err(OpenError::Io)?)
            }
            _ => None,
        };
        Ok(Engine {
            store,
            identity,
            entropy: options.entropy,
            secrets: options.secrets,
            machine: Machine::new(last_success),
            introduce: false,
            in_flight: None,
            books: Books::default(),
            numbers: Numbers::default(),
        })
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
        let kept = self.secrets.load()?.and_then(|secret| DeviceKeys::from_secret(&secret));
        let keys = match (kept, &self.identity) {
            (Some(keys), None) => keys,
            _ => {
                let keys = DeviceKeys::generate(&mut *self.entropy);
                if self.identity.is_none() {
                    self.secrets.keep(&keys.to_secret())?;
                }
                keys
            }
        };
        let public = keys.public();
        let request = EnrolRequest {
            code: code.to_owned(),
            signing_key: public.signing,
            wrapping_key: public.wrapping,
        };
        Ok(seal_enrol(&keys.sign_key(), &request))
    }

    /// Takes the server's answer. `company` is the key the code's QR showed; without one the
    /// answer's own is pinned.
    pub fn finish_enrol(
        &mut self,
        answer: &[u8],
        company: Option<&[u8; 32]>,
    ) -> Result<&Identity, EnrolError> {
        if self.identity.is_some() {
            return Err(EnrolError::AlreadyEnrolled);
        }
        let answer = open_enrol_answer(company, answer)?;
        let secret = self.secrets.load().map_err(EnrolError::Secrets)?;
        let keys = secret
            .and_then(|secret| DeviceKeys::from_secret(&secret))
            .ok_or_else(|| EnrolError::Secrets("the keys are gone".to_owned()))?;
        let identity = identity(answer.clone(), keys).map_err(EnrolError::NotForUs)?;
        self.store.transaction(|tx| {
            tx.set_meta(ENROLMENT, &answer)?;
            tx.keep_certificate(identity.certificate.id(), identity.certificate.bytes())
        })?;
        Ok(self.identity.insert(identity))
    }

    /// The id the device has as a writer, once enrolled.
    pub fn device(&self) -> Option<Id> {
        self.identity.as_ref().map(|identity| identity.certificate.id())
    }
}

/// Why an enrolment fails. The code may be used up then: ask for another.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// It has a certificate already.
    #[error("this phone is enrolled already")]
    AlreadyEnrolled,
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

fn identity(enrolment: EnrolAnswer, keys: DeviceKeys) -> Result<Identity, String> {
    let certificate = Certificate::verify(&enrolment.certificate, &enrolment.company_signing_key)
        .map_err(|error| error.to_string())?;
    if certificate.keys() != keys.public() {
        return Err("its keys are others".to_owned());
    }
    Ok(Identity {
        keys,
        certificate,
        company_signing_key: enrolment.company_signing_key,
        company_wrapping_key: enrolment.company_wrapping_key,
        person: enrolment.person,
        company: enrolment.company,
    })
}
