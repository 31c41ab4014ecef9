//! Before the first step: accounts, people, standing data, orders, phones.

use std::path::Path;

use doorstep::standard::{SHIPPED_CALENDAR, SHIPPED_PROMISES};
use serde_json::json;

use crate::{
    link::Link,
    phone::{Phone, Refusal},
    play::{Play, io},
    raw::Role,
};

impl Play<'_> {
    pub(crate) fn set_up(
        &mut self,
        program: &Path,
        bootstrap: Option<&str>,
    ) -> Result<(), Refusal> {
        let scenario = self.scenario;
        let mut office: Vec<_> =
            scenario.people.iter().filter(|(_, person)| person.role != Role::Technician).collect();
        office.sort_by_key(|(_, person)| person.role != Role::Supervisor);
        let Some((chief, _)) = office.first().copied() else {
            return Err(Refusal::new("nobody", "there is no supervisor"));
        };
        for (name, person) in &office {
            let code = bootstrap.filter(|_| *name == chief);
            let account = json!({
                "person": self.named_id("person", name), "name": person.name,
                "badge": person.badge, "role": person.role.office(), "bootstrap": code,
            });
            let made = self.office.post(chief, "accounts", &account)?;
            self.office.keep_token(name, made["token"].as_str().unwrap_or(""));
        }
        for (name, person) in scenario.people.iter().filter(|(_, p)| p.role == Role::Technician) {
            let id = self.named_id("person", name);
            let person = json!({ "id": id, "name": person.name, "badge": person.badge });
            self.office.post(chief, "people", &person)?;
        }
        for (text, standard) in &scenario.standards {
            let document = json!({ "key": format!("standard/{}", standard.id()), "text": text });
            self.office.post(chief, "standing", &document)?;
        }
        let list = json!({ "key": "price-list", "text": scenario.price_list.0 });
        self.office.post(chief, "standing", &list)?;
        let profile = json!({ "key": "profile", "text": scenario.profile });
        self.office.post(chief, "standing", &profile)?;
        let terms = [("service-promises", &SHIPPED_PROMISES), ("calendar", &SHIPPED_CALENDAR)];
        for (key, shipped) in terms {
            self.office.post(chief, "standing", &json!({ "key": key, "text": shipped.text }))?;
        }
        for (name, place) in &scenario.premises {
            let premises = json!({
                "id": self.named_id("premises", name), "address": place.address,
                "building": place.building, "floor": place.floor,
                "under_renovation": place.under_renovation, "user": place.user,
            });
            self.office.post(chief, "premises", &premises)?;
            let start = scenario.start.instant();
            let meter = |m: &crate::raw::RawMeter| {
                json!({
                    "number": m.number, "digits": m.digits, "last": m.last,
                    "last_at": start.plus_ms(-m.days_ago * 86_400_000),
                    "last_actual": m.last_actual, "estimates": m.estimates, "usual": m.usual,
                    "used_this_year": m.used_this_year, "people": m.people, "seal": null,
                    "card_sold": m.card_sold,
                })
            };
            if !place.meters.is_empty() {
                let meters: Vec<_> = place.meters.iter().map(meter).collect();
                let meters = json!({ "premises": self.id("premises", name), "meters": meters });
                self.office.post(chief, "meters", &meters)?;
            }
            if !place.bottles.is_empty() {
                let path = format!("premises/{}/bottles", self.id("premises", name));
                self.office.post(chief, &path, &json!({ "held": place.bottles }))?;
            }
        }
        for (name, order) in &scenario.orders {
            self.named_id("order", name);
            if order.opened {
                self.open(chief, name)?;
            }
        }
        for (name, device) in &scenario.devices {
            let link = self.runtime.block_on(Link::new(self.office.address)).map_err(io)?;
            let directory =
                self.directory.0.join("phones").join(self.id("device", name).to_string());
            let zone = scenario.start.zone();
            let phone = Phone::new(program, directory, link, device.clock, zone, self.now);
            self.phones.insert(name.clone(), phone.map_err(io)?);
            if device.enrolled {
                let code = self.code(chief, &device.person, device.receipts.as_ref())?;
                self.enrol(name, &code, false)?;
            }
        }
        self.story.opening();
        Ok(())
    }

    pub(crate) fn open(&mut self, who: &str, name: &str) -> Result<(), Refusal> {
        let Some(order) = self.scenario.orders.get(name) else {
            return Err(Refusal::new("unknown", "there is no such order"));
        };
        let id = self.id("order", name);
        let customer = &order.customer;
        let body = json!({
            "id": id, "kind": order.kind, "number": order.number,
            "premises": self.id("premises", &order.premises), "standard": order.standard.id(),
            "emergency": order.emergency, "due": order.due, "promises": order.promises,
            "customer": {
                "name": customer.name, "phone": customer.phone, "report": customer.report,
                "special_need": customer.special_need, "lang": customer.lang,
            },
        });
        self.office.post(who, "orders", &body)?;
        if let Some(to) = &order.assigned_to {
            let body = json!({ "to": self.id("person", to) });
            self.office.post(who, &format!("orders/{id}/assign"), &body)?;
        }
        Ok(())
    }

    /// A one-time code for a person's phone, whose receipts have numbers from this range, and the
    /// company's key shown with it.
    pub(crate) fn code(
        &mut self,
        who: &str,
        person: &str,
        receipts: Option<&toml::Value>,
    ) -> Result<(String, String), Refusal> {
        let body = json!({ "person": self.id("person", person), "receipts": receipts });
        let made = self.office.post(who, "enrolment-codes", &body)?;
        let text = |key: &str| made[key].as_str().unwrap_or("").to_owned();
        Ok((text("code"), text("company_key")))
    }

    pub(crate) fn enrol(
        &mut self,
        device: &str,
        code: &(String, String),
        again: bool,
    ) -> Result<(), Refusal> {
        let mut request = json!({ "cmd": "enrol", "code": code.0, "again": again });
        if !code.1.is_empty() {
            request["company_key"] = json!(code.1);
        }
        let done = self.ask(device, request)?;
        if let Some(id) = done["device"].as_str() {
            self.names.insert(id.to_owned(), device.to_owned());
            self.phone(device)?.device = Some(id.to_owned());
        }
        if let Some(series) = done["series"].as_str() {
            self.names.insert(series.to_owned(), format!("{device} receipts"));
        }
        Ok(())
    }
}
