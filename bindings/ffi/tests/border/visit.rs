//! A visit through the border, one tap after the other.

use std::sync::Arc;

use doorstep::{
    base::{Hash, Lang},
    screen::{PayScreen, VisitScreen},
};
use doorstep_ffi::{Action, Done, Doorstep, DoorstepError, new_action_id};

use crate::world::done;

pub(crate) struct Visit {
    pub(crate) phone: Arc<Doorstep>,
    pub(crate) id: String,
}

impl Visit {
    /// Begins a visit to the first order of the list.
    pub(crate) fn begin(phone: &Arc<Doorstep>) -> Visit {
        let row = done(phone.today(Lang::En)).unwrap().rows.remove(0);
        Visit::to(phone, row.order.to_string())
    }

    /// Begins a visit to this order.
    pub(crate) fn to(phone: &Arc<Doorstep>, order: String) -> Visit {
        let start = Action::StartVisit { order };
        let begun = done(phone.act(new_action_id().unwrap(), start, Lang::En)).unwrap();
        Visit { phone: Arc::clone(phone), id: begun.visit.unwrap() }
    }

    pub(crate) fn act(&self, action: Action) -> Result<Done, DoorstepError> {
        done(self.phone.act(new_action_id().unwrap(), action, Lang::En))
    }

    pub(crate) fn refused(&self, action: Action) -> String {
        match self.act(action) {
            Err(DoorstepError::AskUser { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn screen(&self, lang: Lang) -> VisitScreen {
        done(self.phone.visit_screen(self.id.clone(), None, lang)).unwrap()
    }

    pub(crate) fn photo(&self, of: &str) -> Hash {
        let taken = self.phone.take_photo(
            new_action_id().unwrap(),
            self.id.clone(),
            of.as_bytes().to_vec(),
            None,
            Lang::En,
        );
        done(taken).unwrap().photo.unwrap()
    }

    pub(crate) fn finish(&self, outcome: &str) -> Action {
        Action::Finish { visit: self.id.clone(), outcome: outcome.to_owned() }
    }

    pub(crate) fn pay(&self) -> PayScreen {
        done(self.phone.pay_screen(self.id.clone(), None, Lang::En)).unwrap()
    }
}
