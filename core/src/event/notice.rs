//! Numbers of notices: like receipts', without a gap, but of no money.

use minicbor::{Decode, Encode};

use crate::{base::Id, money::SeriesLabel};

/// A number was drawn for a notice that is left with a customer. Whatever becomes of the paper, the
/// number is used.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct NoticeNumbered {
    /// The device's receipt series, which lends its label.
    #[n(0)]
    pub series: Id,
    /// The how-manieth of this device, from 1.
    #[n(1)]
    pub number: u64,
}

impl NoticeNumbered {
    /// The number as printed, like `7KQ2-M4XD-N000001`.
    pub fn text(&self) -> String {
        format!("{}-N{:06}", SeriesLabel::of(self.series), self.number)
    }
}
