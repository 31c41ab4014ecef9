//! All payloads behind one enum, by their numbers on the wire.

use minicbor::{Decoder, Encoder, decode, encode};

use super::{
    AppointmentMade, CaseTold, CashHandedOver, CashTaken, Charged, ClaimJudged, ClockCorrected,
    ConditionsNoted, ConflictDecided, DetailChanged, DutyDone, EntryCorrected, ErasureAsked,
    GasRestored, GasShutOff, HazardFound, HazardRechecked, InvoiceWanted, MeterRead,
    NoticeNumbered, OrderAssigned, OrderCancelled, OrderExpired, OrderOpened, Paid, PaidAtDesk,
    PaymentRefunded, PaymentVoided, PhotoTaken, PhotosErased, QuoteAccepted, QuoteOffered,
    ReasonGiven, ReceiptIssued, ReceiptVoided, RefundApproved, RefundIssued, ShiftClosed,
    ShiftStarted, SignedOff, StepRecorded, VerdictGiven, VisitFinished, VisitHandedOver,
    VisitStarted,
};

macro_rules! payloads {
    ($($(#[$doc:meta])* $number:literal $name:ident),* $(,)?) => {
        /// What happened. Numbers are for ever: a retired one is never used again.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Payload {
            $($(#[$doc])* $name($name),)*
            /// A type this version doesn't know: kept, passed on, shown as "needs a newer app".
            Unknown {
                /// Its number.
                kind: u32,
                /// Its payload's CBOR, as it came.
                bytes: Vec<u8>,
            },
        }

        impl Payload {
            /// The type's number on the wire.
            pub fn kind(&self) -> u32 {
                match self {
                    $(Payload::$name(_) => $number,)*
                    Payload::Unknown { kind, .. } => *kind,
                }
            }

            /// The type's name, for logs and JSON.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Payload::$name(_) => stringify!($name),)*
                    Payload::Unknown { .. } => "Unknown",
                }
            }

            pub(super) fn encode<W: encode::Write>(
                &self,
                e: &mut Encoder<W>,
            ) -> Result<(), encode::Error<W::Error>> {
                match self {
                    $(Payload::$name(payload) => e.encode(payload).map(drop),)*
                    Payload::Unknown { bytes, .. } => {
                        e.writer_mut().write_all(bytes).map_err(encode::Error::write)
                    }
                }
            }

            pub(super) fn decode(kind: u32, d: &mut Decoder<'_>) -> Result<Payload, decode::Error> {
                match kind {
                    $($number => d.decode().map(Payload::$name),)*
                    _ => {
                        let start = d.position();
                        d.skip()?;
                        let bytes = d.input()[start..d.position()].to_vec();
                        Ok(Payload::Unknown { kind, bytes })
                    }
                }
            }
        }

        $(impl From<$name> for Payload {
            fn from(payload: $name) -> Payload {
                Payload::$name(payload)
            }
        })*
    };
}

payloads! {
    /// The office opened a work order.
    1 OrderOpened,
    /// The office gave it to a person.
    2 OrderAssigned,
    /// The office cancelled it.
    3 OrderCancelled,
    /// A supervisor decided a conflict.
    4 ConflictDecided,
    /// The server's word on what a fold can't see.
    5 VerdictGiven,
    /// When a device's boot really was.
    6 ClockCorrected,
    /// The office allowed money of a receipt to be given back.
    7 RefundApproved,
    /// The office learnt from the provider what became of a claimed payment.
    8 ClaimJudged,
    /// Office and customer agreed on a time, or called it off.
    9 AppointmentMade,
    /// The customer paid at the office.
    11 PaidAtDesk,
    /// The customer asked to be forgotten.
    10 ErasureAsked,
    /// The office closed it: nobody went in time.
    12 OrderExpired,
    /// The office tells where a case of complaint stands.
    13 CaseTold,
    /// The customer asked that pictures be removed.
    14 PhotosErased,
    /// A technician began a visit.
    16 VisitStarted,
    /// Rain, renovation, who is there.
    17 ConditionsNoted,
    /// A step of the standard was done.
    18 StepRecorded,
    /// Why a finding came about.
    19 ReasonGiven,
    /// A price was shown.
    20 QuoteOffered,
    /// The customer accepted it.
    21 QuoteAccepted,
    /// A line of the price list was charged.
    22 Charged,
    /// Money was taken, against a receipt.
    23 Paid,
    /// The customer signed, declined or could not.
    24 SignedOff,
    /// The visit ended.
    25 VisitFinished,
    /// A payment was taken back in its own shift, its receipt made void.
    26 PaymentVoided,
    /// Money was given back, against a refund receipt.
    27 PaymentRefunded,
    /// A hazard was found.
    28 HazardFound,
    /// What it asks for was done, or refused.
    29 DutyDone,
    /// It was looked at again.
    30 HazardRechecked,
    /// Gas was shut off.
    31 GasShutOff,
    /// Gas was restored.
    32 GasRestored,
    /// A meter was read.
    33 MeterRead,
    /// The visit went to a colleague, who continues it on another device.
    34 VisitHandedOver,
    /// Phone, access note, appointment or a warning was changed; the office may write it, too.
    37 DetailChanged,
    /// A number was drawn for a notice.
    35 NoticeNumbered,
    /// An earlier entry was wrong.
    36 EntryCorrected,
    /// A photo was taken.
    38 PhotoTaken,
    /// A payer wants an invoice.
    39 InvoiceWanted,
    /// A receipt was issued.
    40 ReceiptIssued,
    /// A receipt was made void; its number keeps its place.
    41 ReceiptVoided,
    /// A refund receipt was issued, with a number of its own.
    42 RefundIssued,
    /// A person took up a device.
    48 ShiftStarted,
    /// The cash was counted.
    49 ShiftClosed,
    /// Cash went to somebody else.
    50 CashHandedOver,
    /// Cash that somebody else handed over came into the bag.
    51 CashTaken,
}
