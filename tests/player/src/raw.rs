//! The shape of a scenario's TOML, with the place of everything that is checked later.

use std::collections::BTreeMap;

use doorstep::{
    base::{Lang, Personal, Text3},
    event::{
        ClaimResult, ConditionsNoted, Duty, ReadingKind, ReadingSource, SealState, ShutOff,
        SignOffResult, SignerRole, VisitKind,
    },
    money::Claim,
    sync::Company,
};
use doorstep_server::store::Role as OfficeRole;
use serde::Deserialize;
use toml::Spanned;

/// A text with its place.
pub(crate) type Str = Spanned<String>;

/// Words for people: in three languages, or one text for all.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "write one text, or a table with zh-Hans, zh-Hant and en")]
pub(crate) enum Words {
    Three(Text3),
    One(String),
}

impl Words {
    pub(crate) fn get(&self, lang: Lang) -> &str {
        match self {
            Words::Three(text) => text.get(lang),
            Words::One(text) => text,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawScenario {
    pub(crate) title: Option<Words>,
    pub(crate) start: Str,
    #[serde(default)]
    pub(crate) seed: u64,
    #[serde(default)]
    pub(crate) company: Company,
    pub(crate) keep: Option<Str>,
    pub(crate) camera: Option<Spanned<usize>>,
    #[serde(default)]
    pub(crate) standards: Vec<Str>,
    pub(crate) price_list: Option<Str>,
    pub(crate) profile: Option<Str>,
    #[serde(default)]
    pub(crate) people: BTreeMap<Str, RawPerson>,
    #[serde(default)]
    pub(crate) devices: BTreeMap<Str, RawDevice>,
    #[serde(default)]
    pub(crate) premises: BTreeMap<Str, RawPremises>,
    #[serde(default)]
    pub(crate) orders: BTreeMap<Str, RawOrder>,
    #[serde(default)]
    pub(crate) step: Vec<Spanned<RawStep>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    Technician,
    Dispatcher,
    Supervisor,
}

impl Role {
    pub(crate) fn office(self) -> Option<OfficeRole> {
        match self {
            Role::Technician => None,
            Role::Dispatcher => Some(OfficeRole::Dispatcher),
            Role::Supervisor => Some(OfficeRole::Supervisor),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPerson {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) badge: Option<String>,
    pub(crate) role: Role,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDevice {
    pub(crate) person: Str,
    pub(crate) clock: Option<Str>,
    pub(crate) enrolled: Option<bool>,
    /// As the office's route takes them.
    pub(crate) receipts: Option<toml::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPremises {
    pub(crate) address: String,
    #[serde(default)]
    pub(crate) building: String,
    #[serde(default)]
    pub(crate) floor: i32,
    #[serde(default)]
    pub(crate) under_renovation: bool,
    pub(crate) user: Option<String>,
    #[serde(default)]
    pub(crate) meters: Vec<RawMeter>,
    /// How many gas bottles of each size the office counted there.
    #[serde(default)]
    pub(crate) bottles: BTreeMap<String, u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawMeter {
    pub(crate) number: String,
    #[serde(default = "five")]
    pub(crate) digits: u8,
    pub(crate) last: u64,
    #[serde(default = "two_months")]
    pub(crate) days_ago: i64,
    pub(crate) last_actual: Option<u64>,
    #[serde(default)]
    pub(crate) estimates: u32,
    pub(crate) usual: Option<u64>,
    #[serde(default)]
    pub(crate) used_this_year: u64,
    #[serde(default)]
    pub(crate) people: u32,
    pub(crate) card_sold: Option<u64>,
}

fn five() -> u8 {
    5
}

fn two_months() -> i64 {
    61
}

/// What was read on a meter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawReading {
    /// Of an estimate nothing: the rule gives it.
    pub(crate) value: Option<String>,
    #[serde(default = "physical")]
    pub(crate) kind: ReadingKind,
    pub(crate) record: Option<String>,
    pub(crate) display: Option<String>,
    #[serde(default)]
    pub(crate) rolled_over: bool,
    pub(crate) swapped: Option<(u64, u64)>,
    pub(crate) photo: Option<String>,
    pub(crate) seal: Option<String>,
    pub(crate) seal_state: Option<SealState>,
    pub(crate) card_left: Option<u64>,
    pub(crate) card_bought: Option<u64>,
    pub(crate) display_photo: Option<String>,
    pub(crate) reason: Option<String>,
    // what the office was told
    pub(crate) source: Option<ReadingSource>,
    pub(crate) read_at: Option<String>,
}

fn physical() -> ReadingKind {
    ReadingKind::Physical
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawOrder {
    pub(crate) number: Option<String>,
    pub(crate) kind: VisitKind,
    pub(crate) premises: Str,
    pub(crate) standard: Option<Str>,
    pub(crate) customer: Option<RawCustomer>,
    pub(crate) due: Option<Str>,
    /// Ids of service promises that hold for it.
    #[serde(default)]
    pub(crate) promises: Vec<String>,
    #[serde(default)]
    pub(crate) emergency: bool,
    pub(crate) assigned_to: Option<Str>,
    pub(crate) opened: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCustomer {
    pub(crate) name: String,
    pub(crate) phone: Option<String>,
    pub(crate) report: Option<String>,
    pub(crate) special_need: Option<String>,
    pub(crate) lang: Option<Lang>,
}

/// A line of the price list: its code alone, or with quantity and the reason it is free.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "write a code of the price list, or { code, quantity, free }")]
pub(crate) enum RawLine {
    Code(String),
    Full(RawFullLine),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFullLine {
    pub(crate) code: String,
    #[serde(default = "one")]
    pub(crate) quantity: i64,
    pub(crate) free: Option<String>,
}

fn one() -> i64 {
    1
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSign {
    #[serde(default = "signed")]
    pub(crate) result: SignOffResult,
    pub(crate) by: Option<String>,
    pub(crate) role: Option<SignerRole>,
    pub(crate) lang: Option<Lang>,
    #[serde(default = "yes")]
    pub(crate) consent: bool,
    #[serde(default = "yes")]
    pub(crate) adult: bool,
    pub(crate) reason: Option<String>,
    pub(crate) witness: Option<String>,
}

fn signed() -> SignOffResult {
    SignOffResult::Signed
}

fn yes() -> bool {
    true
}

/// A detail of an order as it is changed: one of its fields, or an appointment from, to, or called off.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDetail {
    pub(crate) phone: Option<Personal>,
    pub(crate) access_note: Option<Personal>,
    pub(crate) warning: Option<String>,
    #[serde(default)]
    pub(crate) away: bool,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    #[serde(default)]
    pub(crate) agreed: bool,
    #[serde(default)]
    pub(crate) called_off: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(
    untagged,
    expecting = "write \"on\", \"off\", \"slow\", or { delay_ms, bytes_per_second, cut_after_bytes, off_after_bytes }"
)]
pub(crate) enum RawNetwork {
    Word(String),
    Fault(RawFault),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFault {
    #[serde(default)]
    pub(crate) delay_ms: u64,
    pub(crate) bytes_per_second: Option<u64>,
    pub(crate) cut_after_bytes: Option<u64>,
    pub(crate) off_after_bytes: Option<u64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "write one name, or a list of names")]
pub(crate) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(crate) fn list(&self) -> Vec<String> {
        match self {
            OneOrMany::One(name) => vec![name.clone()],
            OneOrMany::Many(names) => names.clone(),
        }
    }
}

macro_rules! step {
    ($($(#[$attribute:meta])* $field:ident: $kind:ty),* $(,)?) => {
        /// One `[[step]]`: at most one verb, and its options.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct RawStep {
            $($(#[$attribute])* pub(crate) $field: Option<Spanned<$kind>>,)*
        }

        impl RawStep {
            /// The keys that were written, with their places, in the order of the table below.
            pub(crate) fn keys(&self) -> Vec<(&'static str, std::ops::Range<usize>)> {
                let mut keys = Vec::new();
                $(if let Some(value) = &self.$field {
                    keys.push((stringify!($field).trim_end_matches('_'), value.span()));
                })*
                keys
            }
        }
    };
}

step! {
    at: String, who: String, show: Words,
    start_shift: String, close_shift: String,
    start_visit: String, note: ConditionsNoted,
    take_photo: String, kilobytes: usize,
    record: String, value: toml::Value, text: String, remark: String,
    explain: String, finding: String, correct: String,
    quote: Vec<RawLine>, accept_quote: u32, charge: Vec<RawLine>,
    pay: String, method: Claim, part: String,
    read_meter: String, reading: RawReading, told_reading: String, meter: String,
    hand_over: String, take_cash: String, from_badge: String, to_badge: String, items: Vec<String>, signed_by: u64,
    invoice: u64, title: String, taxpayer: String, send_to: String,
    draw_notice: bool, hazard: String, grade: String, party: String, photos: Vec<String>, duty: Duty, of_hazard: usize,
    of_order: String,
    number: String, photo: String, witness: String, refused: bool, recheck: usize,
    shut_off: ShutOff, paper: String, restore_gas: usize,
    void: u64, copies_back: bool, refund: u64, from: String, return_deposit: u64, count: i64, by_code: bool,
    erase_photos: String,
    approve_refund: u64, amount: String, judge_claim: u64, result: ClaimResult,
    sign: RawSign, finish: String, visit: String,
    sync: bool, photos_wifi_only: bool, photos_now: bool, network: RawNetwork, kill: bool, restart: bool, reboot: bool,
    backup: String, restore: String, clock: String, enrol: String,
    verify_receipt: u64, verify_visit: String, altered: bool, look: bool,
    open: String, assign: String, to: String, cancel: String, reason: String,
    decide: String, rule: String, choice: String,
    office: String, body: toml::Table, change: String, detail: RawDetail,
    revoke: String, release: String, enrol_again: String,
    pack: String, carry: String, unpack: String, hand_visit: String, take_visit: String, take_back: String,
    server_backup: String, server_restore: String, restored: bool,
    read_next: String, confirmed: bool, pieces: BTreeMap<String, u32>, effective: String, key: String,
    code: String, #[serde(rename = "for")] for_: String, publish: String,
    #[serde(rename = "as")] as_: String, repeat: String, fails: String, cut: bool,
    says: BTreeMap<Lang, OneOrMany>,
    expect: RawExpect,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawExpect {
    pub(crate) words: Option<Words>,
    pub(crate) of: Option<OneOrMany>,
    pub(crate) agree: Option<String>,
    pub(crate) held_back: Option<String>,
    pub(crate) order: Option<String>,
    pub(crate) visit: Option<String>,
    pub(crate) receipt: Option<u64>,
    pub(crate) path: Option<String>,
    pub(crate) equals: Option<toml::Value>,
    pub(crate) paper: Option<toml::Value>,
    // of what a path with stars finds
    pub(crate) count: Option<String>,
    #[serde(rename = "where")]
    pub(crate) where_: Option<toml::Table>,
    pub(crate) different: Option<bool>,
    pub(crate) is: Option<u64>,
    pub(crate) between: Option<[u64; 2]>,
    // of an order
    pub(crate) status: Option<String>,
    pub(crate) assigned_to: Option<String>,
    pub(crate) visits: Option<u64>,
    pub(crate) conflicts: Option<Vec<String>>,
    pub(crate) open_conflicts: Option<Vec<String>>,
    pub(crate) decided: Option<BTreeMap<String, String>>,
    pub(crate) listed: Option<bool>,
    // of one conflict of an order
    pub(crate) conflict: Option<String>,
    pub(crate) looks: Option<String>,
    pub(crate) says: Option<BTreeMap<Lang, OneOrMany>>,
    pub(crate) hazards_open: Option<u64>,
    pub(crate) gas_off: Option<bool>,
    pub(crate) alarms: Option<u64>,
    pub(crate) refund_due: Option<String>,
    // of a visit
    pub(crate) by: Option<String>,
    pub(crate) outcome: Option<String>,
    pub(crate) steps: Option<Vec<String>>,
    pub(crate) corrected: Option<Vec<String>>,
    pub(crate) findings: Option<Vec<String>>,
    pub(crate) charged: Option<String>,
    pub(crate) paid: Option<String>,
    pub(crate) due: Option<String>,
    pub(crate) counts: Option<String>,
    // of a receipt
    pub(crate) amount: Option<String>,
    pub(crate) tendered: Option<String>,
    pub(crate) change: Option<String>,
    // of a device
    pub(crate) receipts: Option<u64>,
    pub(crate) unsent: Option<u64>,
    pub(crate) told: Option<Vec<String>>,
    pub(crate) trouble: Option<String>,
    pub(crate) sound: Option<bool>,
    pub(crate) waiting: Option<Vec<String>>,
    pub(crate) stuck: Option<Vec<String>>,
    pub(crate) nothing_unsent: Option<bool>,
    // of a device or the server
    pub(crate) held: Option<u64>,
}
