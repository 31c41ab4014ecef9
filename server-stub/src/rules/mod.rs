//! What the server decides, without HTTP.
//!
//! A rule is a function over one transaction and a [`Context`]. It checks first and writes after;
//! when it refuses, nothing stays. Since the store may run it again, it touches nothing else.

mod accounts;
mod admit;
mod answer;
mod bottles;
mod cash;
mod clock;
mod complaint;
mod context;
mod decide;
#[cfg(test)]
mod deliveries;
mod details;
mod district;
mod enrol;
mod exchange;
mod forked;
mod hazards;
mod held;
mod input;
mod judge;
mod meter_reports;
mod money;
mod office;
mod orders;
mod photo;
mod readings;
mod recall;
mod reconcile;
mod release;
mod retention;
mod revoke;
mod scope;
mod standing;
mod terms;
mod verdict;
mod views;
mod wake;
mod watch;

pub use accounts::{
    AccountInput, CodeInput, NewAccount, NewCode, NewPerson, PersonInput, add_account, add_code,
    add_person, authorise,
};
pub use bottles::{BottlesInput, BottlesView, ThereView, bottles_at, count_bottles};
pub use cash::{CashReport, Handed, Received, ShiftCash, cash};
pub use complaint::{
    Act, ActView, AlarmView, CallBackInput, CaseInput, CaseView, ComplaintInput, DeadlineView,
    Ledger, act_in_case, alarms, case, ledger, log_complaint, open_complaints, plan_call_back,
};
pub use context::Context;
pub(crate) use context::new_code;
pub use decide::{DecideInput, decide};
pub use details::{ChangeInput, EraseInput, ErasePhotosInput, change_detail, erase, erase_photos};
pub use district::{DistrictChanged, DistrictInput, change_district};
pub use enrol::{Enrolment, enrol};
pub use exchange::{begin_epoch, exchange};
pub use held::{HeldEvent, HeldLine, HeldView, held_list, held_view};
pub use meter_reports::{Fault, MeterReport, meters_to_report};
pub use money::{
    ClaimInput, DeskPaymentInput, RefundInput, approve_refund, judge_claim, pay_at_desk,
};
pub use orders::{
    AppointInput, AssignInput, CancelInput, CustomerInput, ExpireInput, OrderInput, appoint,
    assign, cancel, expire, fold, open_order,
};
pub use photo::{Taken, photo, take_part};
pub use readings::{ReadingInput, take_reading};
pub use reconcile::{AsideLine, SeriesReport, reconcile};
pub use release::{Release, ReleaseInput, ReleasedView, release, release_device};
pub use retention::{DueClass, DueView, due_to_erase};
pub use revoke::{RevokeInput, revoke};
pub use standing::{
    MetersInput, MovedOutInput, PremisesInput, Published, StandingInput, add_meters, add_premises,
    moved_out, publish,
};
pub use terms::KnownTerms;
pub use views::{
    ConflictView, CustomerView, DeviceView, OrderView, conflicts, devices, held, order, orders,
};
pub use wake::{may_wait, rung};
