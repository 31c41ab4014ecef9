//! A visit on its way from one phone to another without a server: who takes it, as a code to scan, and
//! the file that only the taker's phone opens.

use data_encoding::BASE32_NOPAD;
use minicbor::{Decode, Encode, bytes::ByteVec};

use super::{
    PacketError, Premises,
    packet::{compress, decode, decompress, within_limit},
};
use crate::{
    base::{Entropy, Id},
    log::{
        Certificate, DeviceKeys, DisclosedKey, SignKey, Signed, Tail, open_from, seal_to, sign1,
    },
    meter::Meters,
};

const PURPOSE: &str = "doorstep visit hand-over v1";
const VERSION: u32 = 1;
/// What the text of a code begins with.
const CODE: &str = "DH1.";

/// What a phone shows to whoever hands a visit over to it: its certificate, as the text of one QR code.
pub fn taker_code(certificate: &Certificate) -> String {
    format!("{CODE}{}", BASE32_NOPAD.encode(certificate.bytes()))
}

/// Reads such a text: whose certificate it shows, signed by this company.
///
/// # Errors
/// When it is no such code, or of another company.
pub fn read_taker_code(text: &str, company: &[u8; 32]) -> Result<Certificate, HandedError> {
    let letters: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let letters = letters.strip_prefix(CODE).ok_or(HandedError::Torn)?;
    let bytes = BASE32_NOPAD.decode(letters.as_bytes()).map_err(|_| HandedError::Torn)?;
    certificate(&bytes, company)
}

/// A certificate of this company.
fn certificate(bytes: &[u8], company: &[u8; 32]) -> Result<Certificate, HandedError> {
    Signed::parse(bytes).map_err(|_| HandedError::Torn)?;
    Certificate::verify(bytes, company).map_err(|_| HandedError::OtherCompany)
}

/// A visit that was handed over, with all of its order that the giver holds. CBOR: a map.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct HandedVisit {
    /// The order.
    #[n(0)]
    pub order: Id,
    /// The visit.
    #[n(1)]
    pub visit: Id,
    /// Certificates of the devices that wrote the streams.
    #[n(2)]
    pub certificates: Vec<ByteVec>,
    /// The order's streams, each from its first event to its last seal.
    #[n(3)]
    pub tails: Vec<Tail>,
    /// Keys of the order's private parts.
    #[n(4)]
    pub keys: Vec<DisclosedKey>,
    /// Standing data that the visit needs, as the company signed them.
    #[n(5)]
    pub standing: Vec<ByteVec>,
    /// Where, as the giver's phone has it: the giver's word.
    #[n(6)]
    pub premises: Option<Premises>,
    /// The meters there, likewise.
    #[n(7)]
    pub meters: Option<Meters>,
}

/// The outside of the file: to whom, so that another phone can say that it is not for it.
/// CBOR: `[version, device, sealed]`.
#[derive(Encode, Decode)]
#[cbor(array)]
struct Outside {
    #[n(0)]
    version: u32,
    #[n(1)]
    to: Id,
    #[cbor(n(2), with = "minicbor::bytes")]
    sealed: Vec<u8>,
}

/// Why a code or a file is refused. Nothing is kept of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandedError {
    /// It can't be read whole.
    #[error("this cannot be read: scan the code again, or ask for the file again")]
    Torn,
    /// Another company's, or nobody's.
    #[error("this phone is not of your company: hand the visit over to a colleague's phone")]
    OtherCompany,
    /// The file is for another device.
    #[error("this visit was handed over to another phone: show the code of this one")]
    OtherPhone,
    /// Made by a newer version.
    #[error("this file was made by a newer version: update the app")]
    Newer,
}

impl HandedVisit {
    /// Seals it to the taker's device, signed by the giver's.
    ///
    /// # Errors
    /// When it is larger than a packet may be.
    pub fn seal(
        &self,
        entropy: &mut dyn Entropy,
        giver: (&SignKey, &Certificate),
        to: &Certificate,
    ) -> Result<Vec<u8>, PacketError> {
        let sealed = seal_to(entropy, &to.fields().wrapping_key, PURPOSE, &compress(self))?;
        let outside = Outside { version: VERSION, to: to.id(), sealed };
        let payload = minicbor::to_vec(outside).unwrap_or_default();
        let bytes = sign1(giver.0, giver.1.bytes(), PURPOSE, payload);
        within_limit(&bytes)?;
        Ok(bytes)
    }

    /// Checks that a device of this company made the file for this one, and opens it. Gives who made
    /// it, too.
    ///
    /// # Errors
    /// [`HandedError`].
    pub fn open(
        bytes: &[u8],
        company: &[u8; 32],
        me: (&DeviceKeys, Id),
    ) -> Result<(HandedVisit, Certificate), HandedError> {
        let torn = |_| HandedError::Torn;
        within_limit(bytes).map_err(torn)?;
        let signed = Signed::parse(bytes).map_err(|_| HandedError::Torn)?;
        let giver = certificate(signed.kid(), company)?;
        let key = giver.fields().signing_key;
        signed.verify(&key, PURPOSE).map_err(|_| HandedError::Torn)?;
        let outside: Outside = decode(signed.payload()).map_err(torn)?;
        if outside.version > VERSION {
            return Err(HandedError::Newer);
        }
        if outside.to != me.1 {
            return Err(HandedError::OtherPhone);
        }
        let plain = open_from(me.0, PURPOSE, &outside.sealed).map_err(|_| HandedError::Torn)?;
        let visit = decompress(&plain).map_err(torn)?;
        Ok((visit, giver))
    }
}
