//! Hazards in scenarios: the n-th hazard or shut-off of an order, by what the phone sees of it.

use doorstep::event::{Duty, ShutOff};
use serde_json::{Value, json};

use crate::{phone::Refusal, play::Play, raw::RawStep};

/// One tap about hazards.
#[derive(Clone)]
pub(crate) enum HazardTap {
    Find {
        item: String,
        grade: String,
        /// Who has to mend it, where somebody says so.
        party: Option<String>,
        text: Option<String>,
        photos: Vec<String>,
        /// Continues this hazard of another order.
        continues: Option<(usize, String)>,
    },
    Duty {
        of: usize,
        duty: Duty,
        number: Option<String>,
        photo: Option<String>,
        text: Option<String>,
        witness: Option<String>,
        refused: bool,
    },
    Recheck {
        of: usize,
        /// Of another order, as the phone's list tells of it.
        order: Option<String>,
        grade: Option<String>,
        photos: Vec<String>,
    },
    ShutOff {
        what: ShutOff,
        of: Option<usize>,
        paper: Option<String>,
        photo: Option<String>,
    },
    Restore {
        /// The order it was shut off under, where it is another.
        order: Option<String>,
        nth: usize,
    },
}

impl HazardTap {
    /// The pictures it names.
    pub(crate) fn pictures(&self) -> Vec<String> {
        match self {
            HazardTap::Find { photos, .. } | HazardTap::Recheck { photos, .. } => photos.clone(),
            HazardTap::Duty { photo, .. } | HazardTap::ShutOff { photo, .. } => {
                photo.iter().cloned().collect()
            }
            HazardTap::Restore { .. } => Vec::new(),
        }
    }
}

/// Reads the tap that `verb` of a step asks for.
pub(crate) fn read(raw: &RawStep, verb: &str) -> Option<HazardTap> {
    macro_rules! given {
        ($field:ident) => {
            raw.$field.as_ref().map(|value| value.get_ref().clone())
        };
    }
    Some(match verb {
        "hazard" => HazardTap::Find {
            item: given!(hazard)?,
            grade: given!(grade).unwrap_or_default(),
            party: given!(party),
            text: given!(text),
            photos: given!(photos).unwrap_or_default(),
            continues: given!(of_order).map(|order| (given!(of_hazard).unwrap_or(1), order)),
        },
        "duty" => HazardTap::Duty {
            of: given!(of_hazard).unwrap_or(1),
            duty: given!(duty)?,
            number: given!(number),
            photo: given!(photo),
            text: given!(text),
            witness: given!(witness),
            refused: given!(refused).unwrap_or(false),
        },
        "recheck" => HazardTap::Recheck {
            of: given!(recheck)?,
            order: given!(of_order),
            grade: given!(grade),
            photos: given!(photos).unwrap_or_default(),
        },
        "shut_off" => HazardTap::ShutOff {
            what: given!(shut_off)?,
            of: given!(of_hazard),
            paper: given!(paper),
            photo: given!(photo),
        },
        _ => HazardTap::Restore { nth: given!(restore_gas)?, order: given!(of_order) },
    })
}

impl Play<'_> {
    /// The tap as the action that an app would send, without its visit.
    pub(crate) fn hazard_action(
        &mut self,
        device: &str,
        order: &str,
        tap: &HazardTap,
    ) -> Result<(&'static str, Value), Refusal> {
        Ok(match tap {
            HazardTap::Find { item, grade, party, text, photos, continues } => {
                let mut found = json!({
                    "item": item, "grade": grade, "party": party, "text": text,
                    "evidence": self.pictures_of(photos),
                });
                if let Some((nth, other)) = continues {
                    found["first"] = self.told(device, other, "hazards", *nth)?;
                    found["first_order"] = json!(self.id("order", other));
                }
                ("find_hazard", found)
            }
            HazardTap::Duty { of, duty, number, photo, text, witness, refused } => (
                "do_duty",
                json!({
                    "hazard": self.nth(device, order, "hazards", *of)?, "duty": duty,
                    "number": number, "photo": photo.as_ref().map(|words| self.picture(words)), "text": text,
                    "witness": witness, "refused": refused,
                }),
            ),
            HazardTap::Recheck { of, order: other, grade, photos } => {
                let hazard = match other {
                    Some(other) => self.told(device, other, "hazards", *of)?,
                    None => self.nth(device, order, "hazards", *of)?,
                };
                let first_order = other.as_ref().map(|other| self.id("order", other));
                let check = json!({
                    "hazard": hazard, "grade": grade, "evidence": self.pictures_of(photos),
                    "first_order": first_order,
                });
                ("recheck", check)
            }
            HazardTap::ShutOff { what, of, paper, photo } => {
                let hazard = match of {
                    Some(of) => Some(self.nth(device, order, "hazards", *of)?),
                    None => None,
                };
                let photo = photo.as_ref().map(|words| self.picture(words));
                let off = json!({ "what": what, "hazard": hazard, "paper": paper, "photo": photo });
                ("shut_off_gas", off)
            }
            HazardTap::Restore { nth, order: other } => {
                let shut_off = match other {
                    Some(other) => self.told(device, other, "gas_off", *nth)?,
                    None => self.nth(device, order, "stops", *nth)?,
                };
                let first_order = other.as_ref().map(|other| self.id("order", other));
                ("restore_gas", json!({ "shut_off": shut_off, "first_order": first_order }))
            }
        })
    }

    fn pictures_of(&self, words: &[String]) -> Vec<doorstep::base::Hash> {
        words.iter().map(|words| self.picture(words)).collect()
    }

    /// The n-th hazard or shut-off of another order, as the list tells of it before the door opens.
    fn told(
        &mut self,
        device: &str,
        order: &str,
        what: &str,
        nth: usize,
    ) -> Result<Value, Refusal> {
        let id = json!(self.id("order", order));
        let today = self.ask(device, json!({ "cmd": "today", "lang": "en" }))?;
        let rows = today["rows"].as_array().into_iter().flatten();
        let mut lines: Vec<&Value> =
            rows.flat_map(|row| row[what].as_array().into_iter().flatten()).collect();
        lines.retain(|line| line["order"] == id);
        lines.dedup();
        let found = lines.get(nth.saturating_sub(1)).map(|line| line["event"].clone());
        found.ok_or_else(|| {
            Refusal::new("hazard", format!("`{device}` is told of no {what} {nth} of {order}"))
        })
    }

    /// The event of the n-th hazard or shut-off of an order, as a phone sees it.
    fn nth(&mut self, device: &str, order: &str, what: &str, nth: usize) -> Result<Value, Refusal> {
        let id = self.id("order", order);
        let state = self.ask(device, json!({ "cmd": "order", "order": id }))?;
        let found = state[what][nth.saturating_sub(1)]["event"].clone();
        if found.is_null() {
            return Err(Refusal::new("hazard", format!("`{device}` sees no {what} {nth}")));
        }
        Ok(found)
    }
}
