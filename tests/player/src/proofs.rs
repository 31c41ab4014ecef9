//! What a stranger checks: a receipt from its QR text, a visit from its exported file; with our own
//! reader, and with the script that shares no code with it.

use doorstep::proof::{Bundle, ReceiptProof};
use serde_json::json;

use crate::{
    outside,
    phone::Refusal,
    play::{Play, io},
};

impl Play<'_> {
    pub(crate) fn verify_receipt(
        &mut self,
        who: &str,
        counter: u64,
        altered: bool,
    ) -> Result<(), Refusal> {
        let asked = json!({ "cmd": "receipt", "counter": counter, "as": "qr" });
        let answer = self.ask(who, asked)?;
        let mut text = answer["text"].as_str().unwrap_or("").to_owned();
        if altered {
            self.story.say(self.now, who, "story-altered", &[]);
            // One letter of the middle: an amount, a hash or a signature, whatever it hits.
            let middle = text.len() / 2;
            let letter = if text.as_bytes().get(middle) == Some(&b'A') { "B" } else { "A" };
            text.replace_range(middle..=middle, letter);
        }
        let key = self.office.company_key();
        let checked = ReceiptProof::parse(&text).and_then(|proof| proof.verify(&key));
        let receipt = checked.map_err(|error| Refusal::new("does_not_hold", error))?;
        self.story.receipt_holds(self.now, who, &receipt);
        let python = outside::verify(&["receipt", &text], &key);
        self.story.outside(&python);
        python.into_refusal()
    }

    pub(crate) fn verify_visit(
        &mut self,
        who: &str,
        order: &str,
        altered: bool,
    ) -> Result<(), Refusal> {
        let own = self.visit(who, order).ok();
        let any = self.visits.iter().find(|((_, of), _)| of == order);
        let Some(visit) = own.or_else(|| any.and_then(|(_, visits)| visits.last().copied())) else {
            return Err(Refusal::new("no_such_visit", "nobody began a visit to this order"));
        };
        let exported = self.ask(who, json!({ "cmd": "export_visit", "visit": visit }))?;
        let hex = exported["hex"].as_str().unwrap_or("");
        let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes());
        let mut bytes = bytes.map_err(|error| Refusal::new("malformed", error))?;
        if altered {
            self.story.say(self.now, who, "story-altered", &[]);
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        }
        let key = self.office.company_key();
        let checked = Bundle::parse(&bytes).and_then(|bundle| bundle.verify(&key));
        let verified = checked.map_err(|error| Refusal::new("does_not_hold", error))?;
        self.story.visit_holds(self.now, who, order, verified.events.len());
        let file = self.directory.0.join("visit.bin");
        std::fs::write(&file, &bytes).map_err(io)?;
        let python = outside::verify(&["visit", &file.display().to_string()], &key);
        self.story.outside(&python);
        python.into_refusal()
    }
}
