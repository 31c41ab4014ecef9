//! What goes by hand: files with what was unsent, and the server's backups.

use doorstep_server::{Database, back_up};
use serde_json::json;

use crate::{
    office::DATABASE,
    phone::Refusal,
    play::{Play, io},
};

/// A phone's unsent work as files, and the answers to them, all in hex.
pub(crate) struct Stick {
    device: String,
    requests: Vec<String>,
    answers: Vec<String>,
}

impl Play<'_> {
    /// Writes what a phone has not sent to a stick.
    pub(crate) fn pack(&mut self, who: &str, name: &str) -> Result<(), Refusal> {
        let files = self.ask(who, json!({ "cmd": "request_files" }))?;
        let requests = files["files"].as_array().into_iter().flatten();
        let requests = requests.filter_map(|file| file.as_str().map(str::to_owned)).collect();
        let stick = Stick { device: who.to_owned(), requests, answers: Vec::new() };
        self.sticks.insert(name.to_owned(), stick);
        let events = files["events"].as_u64().unwrap_or(0);
        self.story.say(self.now, who, "story-pack", &[("count", events.to_string().into())]);
        Ok(())
    }

    /// Brings a stick's files to the server: a colleague's phone, or somebody at the office.
    pub(crate) fn carry(&mut self, who: &str, name: &str) -> Result<(), Refusal> {
        let Some(stick) = self.sticks.get(name) else { return Err(no_stick(name)) };
        let (device, requests) = (stick.device.clone(), stick.requests.clone());
        for hex in requests {
            let answer = match self.phones.contains_key(who) {
                true => {
                    let answer = self.ask(who, json!({ "cmd": "carry", "hex": hex }))?;
                    answer["hex"].as_str().unwrap_or("").to_owned()
                }
                false => self.office.exchange(&hex)?,
            };
            if let Some(stick) = self.sticks.get_mut(name) {
                stick.answers.push(answer);
            }
        }
        let device = self.story.device(&device);
        self.story.say(self.now, who, "story-carry", &[("device", device.into())]);
        Ok(())
    }

    /// Takes a stick's answers in.
    pub(crate) fn unpack(&mut self, who: &str, name: &str) -> Result<(), Refusal> {
        let Some(stick) = self.sticks.get(name) else { return Err(no_stick(name)) };
        if stick.answers.is_empty() {
            let message = "nobody has brought this file to the office yet: `carry` it first";
            return Err(Refusal::new("no_answer", message));
        }
        let mut sums = [0; 2];
        for hex in stick.answers.clone() {
            let done = self.ask(who, json!({ "cmd": "take_file", "hex": hex }))?;
            for (sum, key) in sums.iter_mut().zip(["sent", "received"]) {
                *sum += done[key].as_u64().unwrap_or(0);
            }
        }
        let [sent, received] = sums.map(|sum| sum.to_string().into());
        self.story.say(self.now, who, "story-unpack", &[("sent", sent), ("received", received)]);
        Ok(())
    }

    /// Hands a visit over to another phone, whose code is scanned.
    pub(crate) fn hand_visit(&mut self, who: &str, order: &str, to: &str) -> Result<(), Refusal> {
        let visit = self.visit(who, order)?;
        let code = self.ask(to, json!({ "cmd": "taker_code" }))?;
        self.actions += 1;
        let action = self.id("action", &self.actions.to_string());
        let hand = json!({
            "cmd": "hand_visit_over", "action_id": action, "visit": visit, "taker": code["text"],
        });
        let file = self.ask(who, hand)?;
        self.handed.insert(order.to_owned(), file["hex"].as_str().unwrap_or("").to_owned());
        let device = self.story.device(to);
        self.story.order(self.now, who, "story-hand-visit", order, &[("device", device.into())]);
        Ok(())
    }

    /// Takes a visit over from its file.
    pub(crate) fn take_visit(
        &mut self,
        who: &str,
        order: &str,
        altered: bool,
    ) -> Result<(), Refusal> {
        let Some(file) = self.handed.get(order) else {
            let message = format!("no visit to `{order}` was handed over");
            return Err(Refusal::new("unknown", message));
        };
        let hex = if altered { file[..file.len() / 4 * 2].to_owned() } else { file.clone() };
        self.actions += 1;
        let action = self.id("action", &self.actions.to_string());
        let take = json!({ "cmd": "take_visit_over", "action_id": action, "hex": hex });
        let done = self.ask(who, take)?;
        let visit = done["visit"].as_str().and_then(|it| it.parse().ok()).unwrap_or(action);
        self.visits_now(who, order, visit);
        self.story.order(self.now, who, "story-take-visit", order, &[]);
        Ok(())
    }

    /// Takes a visit back that this phone handed over.
    pub(crate) fn take_back(&mut self, who: &str, order: &str) -> Result<(), Refusal> {
        let visit = self.visit(who, order)?;
        self.actions += 1;
        let action = self.id("action", &self.actions.to_string());
        let take = json!({ "cmd": "take_visit_back", "action_id": action, "visit": visit });
        let done = self.ask(who, take)?;
        let visit = done["visit"].as_str().and_then(|it| it.parse().ok()).unwrap_or(action);
        self.visits_now(who, order, visit);
        self.story.order(self.now, who, "story-take-visit-back", order, &[]);
        Ok(())
    }

    /// Makes a backup of the running server and looks at all of it.
    pub(crate) fn back_server_up(&mut self, name: &str) -> Result<(), Refusal> {
        let to = self.night(name);
        let live = self.directory.0.join(DATABASE);
        let done = back_up(Database::File(&live), &to, self.now);
        let done = done.map_err(|error| Refusal::new("backup", error))?;
        let words = [("events", done.events.to_string().into())];
        self.story.say(self.now, "", "story-server-backup", &words);
        Ok(())
    }

    /// Stops the server, puts a backup in the place of its database, and starts it again.
    pub(crate) fn restore_server(&mut self, name: &str, told: bool) -> Result<(), Refusal> {
        let from = self.night(name);
        // Connections of the server that was.
        self.phones.values().for_each(|phone| phone.link.cut());
        self.office.stop();
        let live = self.directory.0.join(DATABASE);
        for ending in ["", "-wal", "-shm"] {
            let file = self.directory.0.join(format!("{DATABASE}{ending}"));
            match std::fs::remove_file(file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(io(error));
                }
                _ => {}
            }
        }
        std::fs::copy(from, live).map_err(io)?;
        self.office.start(told).map_err(|error| Refusal::new("server", error))?;
        let id = if told { "story-server-restore" } else { "story-server-restore-untold" };
        self.story.say(self.now, "", id, &[]);
        Ok(())
    }

    fn night(&self, name: &str) -> std::path::PathBuf {
        let name = doorstep::base::Hash::of(&[name.as_bytes()]).to_string();
        self.directory.0.join(format!("night-{name}.db"))
    }
}

fn no_stick(name: &str) -> Refusal {
    Refusal::new("unknown", format!("nothing was packed as `{name}`"))
}
