//! From bodies to bytes and back: CBOR, zstd, sealed to the reader, signed by the writer.

use minicbor::{Decode, Encode};

use super::{Answer, EnrolAnswer, EnrolRequest, Request};
use crate::{
    base::{Entropy, Hash, Id},
    log::{
        Certificate, DeviceKeys, SignError, SignKey, Signed, WrapError, check_canonical, open_from,
        seal_to, sign1, verify1,
    },
};

const REQUEST: &str = "doorstep request v1";
const ANSWER: &str = "doorstep answer v1";
const ENROL: &str = "doorstep enrol v1";
const ENROL_ANSWER: &str = "doorstep enrol answer v1";

/// The largest packet that is read.
pub const MAX_PACKET_BYTES: usize = 4 * 1024 * 1024;
/// The largest body after decompression.
pub const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

const ZSTD_LEVEL: i32 = 3;

/// Why a packet is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// Over the limit, packed or unpacked.
    #[error("the message is larger than {0} bytes")]
    TooLarge(usize),
    /// Signature or outer form: not from whom it should be, or altered.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// Sealed to another device.
    #[error(transparent)]
    Wrap(#[from] WrapError),
    /// The body can't be read.
    #[error("the message cannot be read: {0}")]
    Malformed(String),
    /// It answers another request.
    #[error("this answers another request: send again")]
    OtherRequest,
}

/// Packs and signs a request; `kid` is the certificate's id, or its bytes for a server that has
/// forgotten it.
pub fn seal_request(key: &SignKey, kid: &[u8], request: &Request) -> Vec<u8> {
    sign1(key, kid, REQUEST, compress(request))
}

/// A request that arrived: look at who it says it is, then open it with that device's key.
#[derive(Debug)]
pub struct RequestPacket {
    signed: Signed,
    hash: Hash,
}

impl RequestPacket {
    /// Reads the outer form.
    pub fn parse(bytes: &[u8]) -> Result<RequestPacket, PacketError> {
        within_limit(bytes)?;
        Ok(RequestPacket { signed: Signed::parse(bytes)?, hash: Hash::of(&[bytes]) })
    }

    /// The certificate id it names, when it names one.
    pub fn device(&self) -> Option<Id> {
        Id::from_slice(self.signed.kid())
    }

    /// The certificate it carries, checked with the company's key, when it carries one.
    pub fn certificate(&self, company: &[u8; 32]) -> Option<Certificate> {
        Certificate::verify(self.signed.kid(), company).ok()
    }

    /// SHA-256 of the packet: what the answer names.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Checks the device's signature and unpacks.
    pub fn open(&self, signing_key: &[u8; 32]) -> Result<Request, PacketError> {
        self.signed.verify(signing_key, REQUEST)?;
        decompress(self.signed.payload())
    }
}

/// Packs an answer, seals it to the device and signs it with the company's key: a replayed request
/// tells its sender nothing.
pub fn seal_answer(
    entropy: &mut dyn Entropy,
    company: &SignKey,
    device_wrapping_key: &[u8; 32],
    answer: &Answer,
) -> Result<Vec<u8>, PacketError> {
    let sealed = seal_to(entropy, device_wrapping_key, ANSWER, &compress(answer))?;
    Ok(sign1(company, &[], ANSWER, sealed))
}

/// Checks and opens an answer to the request with this hash. An HTML page, half a body or a
/// stranger's answer all end here, in an error.
pub fn open_answer(
    keys: &DeviceKeys,
    company: &[u8; 32],
    request: &Hash,
    bytes: &[u8],
) -> Result<Answer, PacketError> {
    within_limit(bytes)?;
    let sealed = verify1(company, ANSWER, bytes)?;
    let answer: Answer = decompress(&open_from(keys, ANSWER, &sealed)?)?;
    if answer.request != *request {
        return Err(PacketError::OtherRequest);
    }
    Ok(answer)
}

/// Signs an enrolment with the very key it asks a certificate for.
pub fn seal_enrol(key: &SignKey, request: &EnrolRequest) -> Vec<u8> {
    sign1(key, &[], ENROL, minicbor::to_vec(request).unwrap_or_default())
}

impl EnrolRequest {
    /// Reads an enrolment and checks that its sender has the private key.
    pub fn open(bytes: &[u8]) -> Result<EnrolRequest, PacketError> {
        within_limit(bytes)?;
        let signed = Signed::parse(bytes)?;
        let request: EnrolRequest = decode(signed.payload())?;
        signed.verify(&request.signing_key, ENROL)?;
        Ok(request)
    }
}

/// Signs the answer to an enrolment.
pub fn seal_enrol_answer(company: &SignKey, answer: &EnrolAnswer) -> Vec<u8> {
    sign1(company, &[], ENROL_ANSWER, minicbor::to_vec(answer).unwrap_or_default())
}

/// Checks the answer to an enrolment. `company` is the key the code's QR showed; without one, the
/// answer's own key is taken on first use and pinned by the caller.
pub fn open_enrol_answer(
    company: Option<&[u8; 32]>,
    bytes: &[u8],
) -> Result<EnrolAnswer, PacketError> {
    within_limit(bytes)?;
    let signed = Signed::parse(bytes)?;
    let answer: EnrolAnswer = decode(signed.payload())?;
    signed.verify(company.unwrap_or(&answer.company_signing_key), ENROL_ANSWER)?;
    Ok(answer)
}

pub(super) fn within_limit(bytes: &[u8]) -> Result<(), PacketError> {
    if bytes.len() > MAX_PACKET_BYTES {
        return Err(PacketError::TooLarge(MAX_PACKET_BYTES));
    }
    Ok(())
}

pub(super) fn compress<T: Encode<()>>(body: &T) -> Vec<u8> {
    let plain = minicbor::to_vec(body).unwrap_or_default();
    zstd::bulk::compress(&plain, ZSTD_LEVEL).unwrap_or_default()
}

pub(super) fn decompress<T: for<'b> Decode<'b, ()>>(packed: &[u8]) -> Result<T, PacketError> {
    let size = unpacked_size(packed)?;
    let plain = zstd::bulk::decompress(packed, size)
        .map_err(|error| PacketError::Malformed(error.to_string()))?;
    decode(&plain)
}

/// The size the frame states, refused beyond the limit before anything is unpacked.
fn unpacked_size(packed: &[u8]) -> Result<usize, PacketError> {
    match zstd::zstd_safe::get_frame_content_size(packed) {
        Ok(Some(size)) if size <= MAX_BODY_BYTES as u64 => Ok(size as usize),
        Ok(Some(_)) => Err(PacketError::TooLarge(MAX_BODY_BYTES)),
        _ => Err(PacketError::Malformed("the body is not one whole zstd frame".to_owned())),
    }
}

pub(super) fn decode<T: for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Result<T, PacketError> {
    check_canonical(bytes).map_err(|error| PacketError::Malformed(error.to_string()))?;
    minicbor::decode(bytes).map_err(|error| PacketError::Malformed(error.to_string()))
}
