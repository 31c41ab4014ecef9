//! An export of streams that proves itself: certificates, whole streams with seals, and the keys
//! of private fields its owner chose to show.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode, bytes::ByteVec};

use crate::{
    base::Id,
    event::Recorded,
    log::{
        Certificate, CertificateError, Chain, Class, DisclosedKey, Subject, SubjectKey, Tail,
        TailError, Writer, check_canonical,
    },
};

const FORMAT: u32 = 1;

/// The file. CBOR: a map with integer keys.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Bundle {
    /// 1.
    #[n(0)]
    pub format: u32,
    /// Certificates of the device writers.
    #[n(1)]
    pub certificates: Vec<ByteVec>,
    /// Streams from their first event, each up to a seal.
    #[n(2)]
    pub streams: Vec<Tail>,
    /// Keys that open private fields.
    #[n(3)]
    pub keys: Vec<DisclosedKey>,
}

/// A bundle that passed.
#[derive(Debug, Clone)]
pub struct VerifiedBundle {
    /// Every event, stream after stream.
    pub events: Vec<Recorded>,
    /// The keys it shows.
    pub keys: BTreeMap<(Subject, Class), SubjectKey>,
    /// The device certificates, by writer.
    pub certificates: BTreeMap<Id, Certificate>,
}

/// Why a bundle does not pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Not such a file.
    #[error("not a Doorstep export: {0}")]
    Malformed(String),
    /// A later format.
    #[error("format {0} is newer than this program knows: update it")]
    Newer(u32),
    /// A certificate isn't the company's.
    #[error("a certificate does not hold: {0}")]
    Certificate(#[from] CertificateError),
    /// A stream's writer has no certificate here.
    #[error("the certificate of device {0} is missing")]
    NoCertificate(Id),
    /// Nothing is in it.
    #[error("the export holds no stream: it shows nothing")]
    Empty,
    /// One stream is in it twice.
    #[error("a stream of {} stands twice in the export", named(.0))]
    Twice(Writer),
    /// A stream doesn't hold.
    #[error("a stream of {} does not hold: {error}", named(writer))]
    Stream {
        /// Its subject.
        subject: Subject,
        /// Its writer.
        writer: Writer,
        /// Why.
        error: TailError,
    },
}

/// A writer as people look it up.
fn named(writer: &Writer) -> String {
    match writer {
        Writer::Device(id) => format!("device {id}"),
        Writer::Office(epoch) => format!("the office (epoch {epoch})"),
    }
}

impl Bundle {
    /// A bundle of this version.
    pub fn new(certificates: Vec<ByteVec>, streams: Vec<Tail>, keys: Vec<DisclosedKey>) -> Bundle {
        Bundle { format: FORMAT, certificates, streams, keys }
    }

    /// The file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).unwrap_or_default()
    }

    /// Reads a file, without believing it.
    pub fn parse(bytes: &[u8]) -> Result<Bundle, BundleError> {
        check_canonical(bytes).map_err(|e| BundleError::Malformed(e.to_string()))?;
        let bundle: Bundle =
            minicbor::decode(bytes).map_err(|e| BundleError::Malformed(e.to_string()))?;
        if bundle.format > FORMAT {
            return Err(BundleError::Newer(bundle.format));
        }
        Ok(bundle)
    }

    /// Checks every chain and seal. An export holds at least one stream, and each once. The office's streams are sealed with the company's own key.
    pub fn verify(&self, company: &[u8; 32]) -> Result<VerifiedBundle, BundleError> {
        self.check_streams()?;
        let mut certificates = BTreeMap::new();
        for bytes in &self.certificates {
            let certificate = Certificate::verify(bytes, company)?;
            certificates.insert(certificate.id(), certificate);
        }
        let mut events = Vec::new();
        for tail in &self.streams {
            let key = match tail.stream.writer {
                Writer::Office(_) => *company,
                Writer::Device(id) => {
                    let certificate: &Certificate =
                        certificates.get(&id).ok_or(BundleError::NoCertificate(id))?;
                    certificate.keys().signing
                }
            };
            let (recorded, _) = tail.verify(Chain::start(&tail.stream), &key).map_err(|error| {
                let (subject, writer) = (tail.stream.subject, tail.stream.writer);
                BundleError::Stream { subject, writer, error }
            })?;
            events.extend(recorded);
        }
        let keys = self
            .keys
            .iter()
            .map(|disclosed| ((disclosed.subject, disclosed.class), disclosed.key.clone()));
        Ok(VerifiedBundle { events, keys: keys.collect(), certificates })
    }

    fn check_streams(&self) -> Result<(), BundleError> {
        if self.streams.is_empty() {
            return Err(BundleError::Empty);
        }
        let mut known = BTreeSet::new();
        for Tail { stream, .. } in &self.streams {
            if !known.insert(*stream) {
                return Err(BundleError::Twice(stream.writer));
            }
        }
        Ok(())
    }
}
