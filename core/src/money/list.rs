//! The published price list as data.
//!
//! A list is read whole or refused whole. It is the only maker of charge lines: what isn't in it
//! can't be charged.

use chrono::NaiveDate;
use serde::Deserialize;
use toml::Spanned;

use super::{
    bottles::{BottleSize, RawBottle, size_of, sizes},
    charge::{ChargeLine, LineError, Pinned},
};
use crate::{
    base::{Currency, Instant, Lang, Money, SourceError, Text3, Zone},
    standard::{FileKind, RawText, Report, Seen, Str, shape_read},
};

/// The longest price list that is read, in bytes.
pub const PRICE_LIST_LIMIT: usize = 1 << 20;

/// The longest item code or list id, in characters.
const CODE_LIMIT: usize = 64;

/// What a price is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// Somebody's work.
    Labour,
    /// A thing that stays with the customer.
    Part,
    /// A charge for neither.
    Fee,
}

/// One thing that can be charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceItem {
    /// The name in events: never shown alone, never reused for another thing.
    pub code: String,
    /// What the customer reads.
    pub name: Text3,
    /// What one is counted in.
    pub unit: Text3,
    /// The price of one.
    pub price: Money,
    /// What it is for.
    pub kind: ItemKind,
    /// What the price says about tax.
    pub tax_note: Option<Text3>,
    /// How long the company answers for the part or the work.
    pub warranty_days: Option<u32>,
    /// It is a deposit: the size of bottle it is for, and who gives it back.
    pub deposit: Option<Deposit>,
}

/// What makes an item a deposit: it is owed back against its receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposit {
    /// The size of bottle it is for.
    pub size: String,
    /// Who gives it back.
    pub back: DepositBack,
}

/// Who gives a deposit back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepositBack {
    /// Whoever stands at the door, against its receipt.
    AtDoor,
    /// Whoever was allowed to by the office.
    ByOffice,
}

/// A reason for which the company lets something go free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeReason {
    /// The name in events.
    pub code: String,
    /// What the customer reads.
    pub text: Text3,
}

/// A version of the published prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceList {
    id: String,
    version: u32,
    currency: Currency,
    valid_from: NaiveDate,
    items: Vec<PriceItem>,
    free: Vec<FreeReason>,
    bottles: Vec<BottleSize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawList {
    id: Str,
    version: Spanned<u32>,
    currency: Str,
    valid_from: Str,
    #[serde(default)]
    item: Vec<RawItem>,
    #[serde(default)]
    free: Vec<RawFree>,
    #[serde(default)]
    bottle: Vec<RawBottle>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFree {
    code: Str,
    text: RawText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawItem {
    code: Str,
    name: RawText,
    unit: RawText,
    price: Str,
    kind: ItemKind,
    tax_note: Option<RawText>,
    warranty_days: Option<u32>,
    deposit: Option<DepositBack>,
    bottle: Option<Str>,
}

impl PriceList {
    /// Reads a price list. All that is wrong comes back at once, in the order of the file.
    pub fn load(text: &str) -> Result<PriceList, Vec<SourceError>> {
        let (raw, wrong) = shape_read(text, PRICE_LIST_LIMIT, FileKind::PriceList.shape());
        let raw: RawList = match raw {
            Some(raw) => raw,
            None => return Err(wrong),
        };
        let mut reader = Reader { report: Report::with(text, wrong) };
        let list = reader.list(&raw);
        reader.report.finish()?;
        // The report is empty, so every part was understood.
        list.ok_or_else(|| vec![SourceError::at(text, 0, "the list could not be understood")])
    }

    /// The invented price list that ships with Doorstep, as its file's text.
    pub const fn example_text() -> &'static str {
        include_str!("../../../standards/price-list.toml")
    }

    /// The list's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The version, counting up from 1.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The currency of every price.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The first day these prices hold.
    pub fn valid_from(&self) -> NaiveDate {
        self.valid_from
    }

    /// Whether these prices hold on the day that this clock shows. Where it shows none, they do.
    pub fn holds_at(&self, wall: Instant, zone: Zone) -> bool {
        wall.local(zone).is_none_or(|at| self.valid_from <= at.date_naive())
    }

    /// Every item, in the list's own order.
    pub fn items(&self) -> &[PriceItem] {
        &self.items
    }

    /// The item with this code.
    pub fn item(&self, code: &str) -> Option<&PriceItem> {
        self.items.iter().find(|item| item.code == code)
    }

    /// The reasons for which something may go free.
    pub fn free_reasons(&self) -> &[FreeReason] {
        &self.free
    }

    /// The sizes of bottles that are counted; empty where none are.
    pub fn bottles(&self) -> &[BottleSize] {
        &self.bottles
    }

    /// The size of the company's bottle with this code; `None`: it is not one of the company's.
    pub fn bottle_of(&self, code: &str) -> Option<&BottleSize> {
        size_of(&self.bottles, code)
    }

    /// Charges `quantity` units of an item, named in the customer's language; free of charge when
    /// the code of a reason is given.
    pub fn line(
        &self,
        code: &str,
        quantity: i64,
        lang: Lang,
        free_reason: Option<&str>,
    ) -> Result<ChargeLine, LineError> {
        let item = self.item(code).ok_or_else(|| LineError::UnknownItem {
            code: code.chars().take(CODE_LIMIT).collect(),
            list: self.id.clone(),
            version: self.version,
        })?;
        let free = free_reason.map(|code| self.reason(code)).transpose()?;
        let pinned = Pinned {
            code: &item.code,
            list: &self.id,
            list_version: self.version,
            name: item.name.get(lang),
            unit_price: item.price,
            free: free.map(|reason| (reason.code.as_str(), reason.text.get(lang))),
            deposit: item.deposit.as_ref().map(|deposit| deposit.size.as_str()),
        };
        ChargeLine::new(pinned, quantity)
    }

    fn reason(&self, code: &str) -> Result<&FreeReason, LineError> {
        self.free.iter().find(|reason| reason.code == code).ok_or_else(|| {
            let known: Vec<&str> = self.free.iter().map(|reason| reason.code.as_str()).collect();
            let code = code.chars().take(CODE_LIMIT).collect();
            LineError::UnknownFreeReason { code, known: known.join(", ") }
        })
    }

    /// Whether this very list could have made `line`.
    pub fn made(&self, line: &ChargeLine) -> bool {
        Lang::ALL.into_iter().any(|lang| {
            self.line(line.code(), line.quantity(), lang, line.free_reason()).as_ref() == Ok(line)
        })
    }
}

/// Collects what is wrong, so that one reading tells all of it.
struct Reader<'t> {
    report: Report<'t>,
}

impl Reader<'_> {
    fn list(&mut self, raw: &RawList) -> Option<PriceList> {
        let id = self.code(&raw.id);
        let version = self.report.within(&raw.version, "version", 1, u32::MAX);
        let Some(currency) = Currency::new(raw.currency.get_ref()) else {
            let message = "a currency is three capital letters, like CNY";
            self.report.error(raw.currency.span(), message);
            return None;
        };
        let valid_from = raw.valid_from.get_ref().parse::<NaiveDate>().ok();
        if valid_from.is_none() {
            self.report.error(raw.valid_from.span(), "write the day like 2026-01-31");
        }
        if raw.item.is_empty() {
            self.report.error(raw.id.span(), "a price list needs at least one [[item]]");
        }
        let mut seen = Seen::new();
        for item in &raw.item {
            self.report.unique(&mut seen, &item.code, "item");
        }
        let mut seen = Seen::new();
        for reason in &raw.free {
            self.report.unique(&mut seen, &reason.code, "reason");
        }
        let sizes_here: Vec<&str> = raw.bottle.iter().map(|bottle| bottle.size()).collect();
        let items =
            raw.item.iter().filter_map(|item| self.item(item, currency, &sizes_here)).collect();
        let free = raw.free.iter().map(|reason| self.free(reason)).collect();
        for bottle in &raw.bottle {
            self.code(&bottle.size);
        }
        let bottles = sizes(&mut self.report, &raw.bottle);
        Some(PriceList { id, version, currency, valid_from: valid_from?, items, free, bottles })
    }

    fn free(&mut self, raw: &RawFree) -> FreeReason {
        FreeReason { code: self.code(&raw.code), text: self.report.text3(&raw.text) }
    }

    fn item(&mut self, raw: &RawItem, currency: Currency, sizes: &[&str]) -> Option<PriceItem> {
        let code = self.code(&raw.code);
        let deposit = match (&raw.deposit, &raw.bottle) {
            (Some(back), Some(size)) => {
                if !sizes.contains(&size.get_ref().as_str()) {
                    let message = "no [[bottle]] of this list has this size";
                    self.report.error(size.span(), message);
                }
                Some(Deposit { size: size.get_ref().clone(), back: *back })
            }
            (Some(_), None) => {
                let message = "a deposit says which size of `bottle` it is for";
                self.report.error(raw.code.span(), message);
                None
            }
            (None, Some(size)) => {
                let message = "only a deposit is for a size of bottle: write `deposit` beside it";
                self.report.error(size.span(), message);
                None
            }
            (None, None) => None,
        };
        let price = match Money::parse(raw.price.get_ref(), currency) {
            Ok(price) if price.minor < 0 => {
                self.report.error(raw.price.span(), "a price can't be negative");
                None
            }
            Ok(price) => Some(price),
            Err(error) => {
                self.report.error(raw.price.span(), error.to_string());
                None
            }
        };
        Some(PriceItem {
            code,
            name: self.report.text3(&raw.name),
            unit: self.report.text3(&raw.unit),
            tax_note: raw.tax_note.as_ref().map(|note| self.report.text3(note)),
            price: price?,
            kind: raw.kind,
            warranty_days: raw.warranty_days,
            deposit,
        })
    }

    fn code(&mut self, code: &Str) -> String {
        let text = code.get_ref();
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if text.is_empty() || text.len() > CODE_LIMIT || !text.chars().all(allowed) {
            let message =
                format!("write 1 to {CODE_LIMIT} lowercase letters, digits and hyphens here");
            self.report.error(code.span(), message);
        }
        text.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{MAX_QUANTITY, total};

    fn example() -> PriceList {
        PriceList::load(PriceList::example_text()).unwrap()
    }

    fn cny(text: &str) -> Money {
        Money::parse(text, Currency::CNY).unwrap()
    }

    fn sum(wanted: &[(&str, i64)]) -> Money {
        let list = example();
        let lines: Vec<ChargeLine> = wanted
            .iter()
            .map(|(code, n)| list.line(code, *n, Lang::ZhHans, None).unwrap())
            .collect();
        total(Currency::CNY, &lines).unwrap()
    }

    #[test]
    fn the_shipped_list_charges_the_days_jobs_to_the_fen() {
        assert_eq!(sum(&[("labour-repair", 1), ("battery", 2)]), cny("42.00"));
        assert_eq!(sum(&[("hose", 1), ("clamp", 2), ("labour-hose", 1)]), cny("84.00"));
        assert_eq!(sum(&[("alteration", 1), ("valve-extra", 1)]), cny("525.00"));
        assert_eq!(
            sum(&[
                ("labour-repair", 1),
                ("hose", 1),
                ("clamp", 2),
                ("valve-self-closing", 1),
                ("gasket", 1)
            ]),
            cny("123.40"),
        );
    }

    #[test]
    fn a_free_line_keeps_its_price_and_its_reason() {
        let list = example();
        let line = list.line("gasket", 1, Lang::En, Some("firm-owned")).unwrap();
        assert_eq!(line.amount(), cny("0"));
        assert_eq!(line.free_text(), Some("on the company's side"));
        assert!(line.unit_price().minor > 0 && line.adds_up() && list.made(&line));
        let error = list.line("gasket", 1, Lang::En, Some("Mrs Chan is nice")).unwrap_err();
        assert!(matches!(error, LineError::UnknownFreeReason { .. }));
        assert!(error.to_string().contains("firm-owned"), "{error}");
    }

    #[test]
    fn what_is_not_in_the_list_cannot_be_charged() {
        let error = example().line("tip", 1, Lang::En, None).unwrap_err();
        assert!(matches!(error, LineError::UnknownItem { .. }));
        assert!(error.to_string().contains("`tip`"), "{error}");
    }

    #[test]
    fn quantities_beyond_reason_are_refused() {
        let list = example();
        for quantity in [0, -1, MAX_QUANTITY + 1, 1_000_000_000_000, i64::MIN] {
            let error = list.line("hose", quantity, Lang::En, None).unwrap_err();
            assert_eq!(error, LineError::Quantity(quantity));
        }
        assert_eq!(
            list.line("hose", MAX_QUANTITY, Lang::En, None).unwrap().amount(),
            cny("580000")
        );
    }

    #[test]
    fn an_amount_beyond_64_bits_is_refused() {
        let text = PriceList::example_text().replace("\"58.00\"", "\"92233720368547758.07\"");
        let list = PriceList::load(&text).unwrap();
        let error = list.line("hose", 2, Lang::En, None).unwrap_err();
        assert!(matches!(error, LineError::Money(_)), "{error}");
    }

    #[test]
    fn a_line_survives_the_wire_and_a_forged_one_is_seen() {
        let list = example();
        let line = list.line("hose", 2, Lang::ZhHans, None).unwrap();
        let bytes = minicbor::to_vec(&line).unwrap();
        let read: ChargeLine = minicbor::decode(&bytes).unwrap();
        assert_eq!(read, line);
        assert!(list.made(&read));
        let json = serde_json::to_string(&line).unwrap();
        let forged: ChargeLine = serde_json::from_str(&json.replace("116.00", "16.00")).unwrap();
        assert!(!forged.adds_up() && !list.made(&forged));
        let other_price = json.replace("58.00", "62.00").replace("116.00", "124.00");
        let other_price: ChargeLine = serde_json::from_str(&other_price).unwrap();
        assert!(other_price.adds_up() && !list.made(&other_price));
    }

    const HEAD: &str =
        "id = \"test\"\nversion = 1\ncurrency = \"CNY\"\nvalid_from = \"2026-01-01\"\n";

    fn item(code: &str, price: &str) -> String {
        let words = "{ zh-Hans = \"件\", zh-Hant = \"件\", en = \"piece\" }";
        format!(
            "[[item]]\ncode = \"{code}\"\nname = {words}\nunit = {words}\n\
             price = \"{price}\"\nkind = \"part\"\n"
        )
    }

    fn errors(text: &str) -> Vec<(usize, usize, String)> {
        let errors = PriceList::load(text).unwrap_err();
        errors.into_iter().map(|e| (e.line, e.column, e.message)).collect()
    }

    #[test]
    fn every_wrong_value_is_told_with_its_place() {
        let text = [HEAD, &item("hose", "-1"), &item("hose", "1,50"), &item("Tap", "2")].concat();
        let found = errors(&text);
        let places: Vec<(usize, usize)> = found.iter().map(|e| (e.0, e.1)).collect();
        assert_eq!(places, [(9, 9), (12, 8), (15, 9), (18, 8)], "{found:?}");
        assert!(found[1].2.contains("line 6"), "{found:?}");
    }

    #[test]
    fn what_a_price_list_does_not_know_is_refused() {
        let typo = [HEAD, &item("hose", "1"), "prise = \"2\"\n"].concat();
        assert_eq!(errors(&typo)[0].0, 11);
        let kind = [HEAD, &item("hose", "1")].concat().replace("\"part\"", "\"gift\"");
        assert_eq!(errors(&kind)[0].0, 10);
        assert_eq!(errors(HEAD)[0].0, 1);
        let empty = [HEAD, &item("hose", "1").replace("\"piece\"", "\" \"")].concat();
        assert_eq!(errors(&empty).len(), 2);
        assert!(PriceList::load(&"#".repeat(PRICE_LIST_LIMIT + 1)).is_err());
        let head = HEAD.replace("CNY", "yuan").replace("2026-01-01", "soon");
        assert_eq!(errors(&head)[0].0, 3);
    }
}
