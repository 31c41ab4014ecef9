//! The core's screens and small types, as they cross: fields and variants are named once more for
//! UniFFI, values are the core's own.

mod complaint;
mod day;
mod fast;
mod hazard;
mod pay;
mod payment;
mod photo;
mod sign;
mod sync;
mod today;
mod visit;

use doorstep::{
    base::{Hash, Id, Instant, Lang, Personal},
    document::Form,
};

pub(crate) type PaperForm = Form;

uniffi::custom_type!(Id, String, {
    remote,
    lower: |id| id.to_string(),
    try_lift: |text| Ok(text.parse::<Id>()?),
});
uniffi::custom_type!(Hash, String, {
    remote,
    lower: |hash| hash.to_string(),
    try_lift: |text| Ok(text.parse::<Hash>()?),
});
uniffi::custom_type!(Instant, i64, {
    remote,
    lower: |instant| instant.0,
    try_lift: |ms| Ok(Instant(ms)),
});
uniffi::custom_type!(Personal, String, {
    remote,
    lower: |text| text.reveal().to_owned(),
    try_lift: |text| Ok(Personal::new(text)),
});

/// A language Doorstep speaks, by its BCP 47 tag.
#[uniffi::remote(Enum)]
pub enum Lang {
    /// Chinese in simplified characters.
    ZhHans,
    /// Chinese in traditional characters.
    ZhHant,
    /// English.
    En,
}

/// A form a receipt can take.
#[uniffi::remote(Enum)]
pub enum Form {
    /// Lines of text.
    Text,
    /// A picture, QR code included.
    Svg,
    /// Bytes for a receipt printer with paper of 80 mm.
    Escpos,
    /// The same for paper of 58 mm.
    Escpos58,
    /// The text of the QR code.
    Qr,
}
