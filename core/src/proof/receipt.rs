//! The text behind the QR code of a receipt, or of a refund: they are numbers of one series, and proven
//! alike.
//!
//! `DS1.` and the base32 (RFC 4648, no padding) of a CBOR array: certificate, hash before, event,
//! seal, disclosure. Base32, because its letters are in the QR alphanumeric set. How a long text is
//! cut into several codes stands in `codes`.

use data_encoding::BASE32_NOPAD;
use minicbor::{Decode, Encode, bytes::ByteVec};

use super::codes::letters;
use crate::{
    base::{ClockReading, Hash, Id, Money},
    event::{Event, EventError, Payload, ReceiptIssued, ReceiptPrivate, RefundIssued},
    log::{
        Branch, Certificate, CertificateError, Seal, SealError, Subject, Writer, check_canonical,
        next_hash,
    },
    money::ReceiptNumber,
};

pub(super) const PREFIX: &str = "DS1.";

/// The longest text that is read: the largest event fits with all that proves it.
pub const MAX_RECEIPT_TEXT: usize = 256 * 1024;

/// A receipt as its QR code carries it. CBOR:
/// `[certificate, hash before, event, seal, disclosure]`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ReceiptProof {
    /// The device's certificate.
    #[n(0)]
    pub certificate: ByteVec,
    /// The series' hash before this receipt.
    #[n(1)]
    pub before: Hash,
    /// The receipt event's bytes.
    #[n(2)]
    pub event: ByteVec,
    /// The seal over it.
    #[n(3)]
    pub seal: ByteVec,
    /// Payer and premises, which the customer may show.
    #[n(4)]
    pub disclosure: ReceiptPrivate,
}

/// What a device wrote under a number of its series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proven {
    /// Money was taken.
    Receipt(ReceiptIssued),
    /// Money went back.
    Refund(RefundIssued),
}

impl Proven {
    /// Its number in the series.
    pub fn number(&self) -> u64 {
        match self {
            Proven::Receipt(receipt) => receipt.number,
            Proven::Refund(refund) => refund.number,
        }
    }

    /// How much was taken, or given back.
    pub fn amount(&self) -> Money {
        match self {
            Proven::Receipt(receipt) => receipt.amount,
            Proven::Refund(refund) => refund.amount,
        }
    }

    /// Sum of the series with it.
    pub fn running(&self) -> Money {
        match self {
            Proven::Receipt(receipt) => receipt.running,
            Proven::Refund(refund) => refund.running,
        }
    }

    /// The receipt, where it is one.
    pub fn receipt(&self) -> Option<&ReceiptIssued> {
        match self {
            Proven::Receipt(receipt) => Some(receipt),
            Proven::Refund(_) => None,
        }
    }

    /// Whether payer and premises are those that it says, and its sums agree with each other.
    fn check(&self, shown: &ReceiptPrivate) -> Result<(), ReceiptProofError> {
        let (disclosed, adds) = match self {
            Proven::Receipt(receipt) => (
                receipt.disclosure == shown.hash(),
                receipt.tendered.minus(receipt.change) == Ok(receipt.amount),
            ),
            // One of before had none: then nothing may be shown.
            Proven::Refund(refund) => (
                refund
                    .disclosure
                    .map_or(*shown == ReceiptPrivate::default(), |hash| hash == shown.hash()),
                refund.amount.minor > 0 && refund.amount.currency == refund.running.currency,
            ),
        };
        match (disclosed, adds) {
            (false, _) => Err(ReceiptProofError::Disclosure),
            (_, false) => Err(ReceiptProofError::Amounts),
            _ => Ok(()),
        }
    }
}

/// A receipt or refund that passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedReceipt {
    /// What the device wrote.
    pub paper: Proven,
    /// Payer and premises, as they were hashed into it.
    pub disclosure: ReceiptPrivate,
    /// When, by the device's clock.
    pub clock: ClockReading,
    /// Which device.
    pub certificate: Certificate,
    /// The branch of the series it stands on; another than the first means that it was forked.
    pub branch: Branch,
    /// The receipt's place in its series stream.
    pub seq: u64,
    /// Its id, the hash the next receipt builds on.
    pub id: Hash,
    /// The hash before it: an erased neighbour shows as a gap.
    pub before: Hash,
}

/// Why a receipt text does not pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptProofError {
    /// Not such a text.
    #[error("not a Doorstep receipt: the text begins with `{PREFIX}` and has only A–Z and 2–7")]
    Text,
    /// Codes of several receipts, or of one in more than one version.
    #[error("these codes are not of one receipt: scan all codes of one paper, and only those")]
    Mixed,
    /// A receipt with several codes of which one isn't here.
    #[error("code {missing} of {of} is missing: scan it too")]
    CodeMissing {
        /// The first that is missing, counted from 1.
        missing: usize,
        /// How many the receipt has.
        of: usize,
    },
    /// The content can't be read.
    #[error("the receipt cannot be read: {0}")]
    Malformed(String),
    /// The certificate isn't the company's.
    #[error("the device's certificate does not hold: {0}")]
    Certificate(#[from] CertificateError),
    /// The seal doesn't fit.
    #[error("the receipt's seal does not hold: {0}")]
    Seal(#[from] SealError),
    /// Sealed by another device than the one shown, or in another stream than its series.
    #[error("the seal belongs to another device or another series")]
    Series,
    /// Event bytes or fields.
    #[error(transparent)]
    Event(#[from] EventError),
    /// The event is neither a receipt nor a refund.
    #[error("what is sealed is no receipt and no refund")]
    NotAReceipt,
    /// What was handed over, less the change, isn't the amount; or a refund gives nothing back.
    #[error("the receipt contradicts itself: its sums do not agree with each other")]
    Amounts,
    /// Payer or premises differ from what was sealed.
    #[error("payer or premises are not the ones that were sealed")]
    Disclosure,
}

impl VerifiedReceipt {
    /// The device's receipt series.
    pub fn series(&self) -> Id {
        Subject::receipt_series(self.certificate.id()).id
    }

    /// The number as it is printed on the receipt, like `7KQ2-M4XD-000001`; the bare counter where
    /// it is none that a receipt can have.
    pub fn number_text(&self) -> String {
        let number = self.paper.number();
        ReceiptNumber::new(self.series(), number)
            .map_or_else(|| number.to_string(), |number| number.to_string())
    }
}

impl ReceiptProof {
    /// The text that [`receipt_codes`](super::receipt_codes) makes QR codes of.
    pub fn to_text(&self) -> String {
        let bytes = minicbor::to_vec(self).unwrap_or_default();
        format!("{PREFIX}{}", BASE32_NOPAD.encode(&bytes))
    }

    /// Reads a receipt's text, or the texts of its codes in any order with whitespace between them;
    /// believes nothing.
    pub fn parse(text: &str) -> Result<ReceiptProof, ReceiptProofError> {
        let encoded = letters(text)?;
        let bytes = BASE32_NOPAD.decode(encoded.as_bytes()).map_err(|_| ReceiptProofError::Text)?;
        check_canonical(&bytes).map_err(|e| ReceiptProofError::Malformed(e.to_string()))?;
        minicbor::decode(&bytes).map_err(|e| ReceiptProofError::Malformed(e.to_string()))
    }

    /// Checks everything against the company's public key.
    pub fn verify(self, company: &[u8; 32]) -> Result<VerifiedReceipt, ReceiptProofError> {
        let certificate = Certificate::verify(&self.certificate, company)?;
        let seal = Seal::verify(&self.seal, &certificate.keys().signing)?;
        let (seal, id) = (seal.body(), next_hash(&self.before, &self.event));
        if seal.hash != id {
            return Err(SealError::Mismatch.into());
        }
        if seal.stream.writer != Writer::Device(certificate.id())
            || seal.stream.subject != Subject::receipt_series(certificate.id())
        {
            return Err(ReceiptProofError::Series);
        }
        let event = Event::decode(&self.event)?;
        let paper = match event.payload {
            Payload::ReceiptIssued(receipt) => Proven::Receipt(receipt),
            Payload::RefundIssued(refund) => Proven::Refund(refund),
            _ => return Err(ReceiptProofError::NotAReceipt),
        };
        paper.check(&self.disclosure)?;
        Ok(VerifiedReceipt {
            branch: seal.stream.branch,
            paper,
            disclosure: self.disclosure,
            clock: event.clock,
            seq: seal.seq,
            id,
            before: self.before,
            certificate,
        })
    }
}
