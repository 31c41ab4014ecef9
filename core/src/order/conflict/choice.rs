//! What may be decided, and what follows for charges.

use serde::{Deserialize, Serialize};

use super::Rule;

macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident $id:literal),* $(,)?) => {
        /// What may be decided. The rule's row says which.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, std::hash::Hash,
            Serialize, Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum Choice {
            $($(#[$doc])* $name,)*
        }

        impl Choice {
            /// The choice's id, as written in events, JSON and text keys.
            pub const fn id(self) -> &'static str {
                match self {
                    $(Choice::$name => $id,)*
                }
            }
        }
    };
}

choices! {
    /// C1: the work stands and is charged.
    WorkStands "work_stands",
    /// C1: the work stands, its charges are given back.
    WorkStandsUncharged "work_stands_uncharged",
    /// C2: the first finished visit is the one that counts.
    FirstCounts "first_counts",
    /// C2: both visits count, charges and all.
    BothCount "both_count",
    /// C3: the second payment is given back.
    RefundDue "refund_due",
    /// C3: both were owed.
    BothPaymentsStand "both_payments_stand",
    /// C4: what the field's policy says.
    AsRuled "as_ruled",
    /// C4: the office's value.
    OfficeValue "office_value",
    /// C4: the technician's value.
    TechnicianValue "technician_value",
    /// C5: no bill before a third reading.
    ThirdReading "third_reading",
    /// C5: the earlier one counts.
    EarlierReadingCounts "earlier_reading_counts",
    /// C5: the later one counts.
    LaterReadingCounts "later_reading_counts",
    /// C6: the customer is asked again.
    NewSignOff "new_sign_off",
    /// C6: the earlier one is enough.
    EarlierSignOffSuffices "earlier_sign_off_suffices",
    /// C7: the visit stands as it was done.
    VisitStands "visit_stands",
    /// C7: somebody goes again.
    VisitAgain "visit_again",
    /// C8: the quote stands.
    QuoteStands "quote_stands",
    /// C8: the new prices are charged.
    NewPriceApplies "new_price_applies",
    /// C9: the work counts.
    WorkAdmitted "work_admitted",
    /// C9: it does not.
    WorkDoesNotCount "work_does_not_count",
    /// C10: the branch that came first counts.
    FirstBranchCounts "first_branch_counts",
    /// C10: the other counts.
    SecondBranchCounts "second_branch_counts",
    /// C11: dated by the device's boot.
    BootTimeCounts "boot_time_counts",
    /// C11: dated by the device's clock.
    WallTimeCounts "wall_time_counts",
    /// C12: the worse grade stands until somebody inspects.
    WorseStands "worse_stands",
    /// C12: somebody inspected since.
    HazardInspected "hazard_inspected",
    /// C13: the gas counts as shut off.
    ShutOffStands "shut_off_stands",
    /// C13: it was restored after an inspection.
    RestoredAfterInspection "restored_after_inspection",
    /// C14: the attempt stays beside the completed work.
    AttemptStays "attempt_stays",
    /// C14: the attempt does not count.
    AttemptDoesNotCount "attempt_does_not_count",
    /// C15: one fault, one call-out charge.
    OneCallOut "one_call_out",
    /// C15: two faults, both charged.
    TwoFaults "two_faults",
    /// C16: whoever it was given to goes on.
    NewOneContinues "new_one_continues",
    /// C16: whoever had begun goes on.
    FirstOneContinues "first_one_continues",
    /// C17: the receipt that came first has the number.
    FirstReceiptCounts "first_receipt_counts",
    /// C17: the other has.
    SecondReceiptCounts "second_receipt_counts",
    /// C18: the amount is asked back.
    RecoverAmount "recover_amount",
    /// C18: it is not.
    WaiveAmount "waive_amount",
    /// C19: the evidence is missing.
    EvidenceMissing "evidence_missing",
    /// C19: the work stands without it.
    StandsWithoutEvidence "stands_without_evidence",
    /// C20: the order is open again, with its facts.
    Reopened "reopened",
    /// C20: it stays closed; charges are given back.
    StaysClosed "stays_closed",
    /// C21: the sign-off is kept and flagged.
    SignOffFlagged "sign_off_flagged",
    /// C21: the signer could sign.
    SignOffHolds "sign_off_holds",
    /// C22: what may not be kept is erased again.
    ErasedAgain "erased_again",
    /// C22: it is kept while a dispute lasts.
    KeptForDispute "kept_for_dispute",
    /// C23: both readings are parked.
    BothParked "both_parked",
    /// C23: they change places.
    ReadingsSwapped "readings_swapped",
    /// C23: they were right.
    ReadingsRight "readings_right",
    /// C24: the wheel counts.
    WheelCounts "wheel_counts",
    /// C24: the smart meter's value counts.
    SmartValueCounts "smart_value_counts",
    /// C25: somebody looks which customer has it.
    BottleToFind "bottle_to_find",
    /// C25: it is where it was delivered first; the other code was read wrong.
    FirstDeliveryHolds "first_delivery_holds",
    /// C25: it is where it was delivered second.
    SecondDeliveryHolds "second_delivery_holds",
    /// C26: the customer held one more than the records say; now none is left.
    BalanceWasWrong "balance_was_wrong",
    /// C26: the bottle was somebody else's; the customer's count is as it was.
    BottleOfAnother "bottle_of_another",
}

/// What a choice does to the visits among a conflict's sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::order) enum Follows {
    /// Nothing.
    Nothing,
    /// Charges of every visit but the primary one are flagged.
    FlagOthers,
    /// Charges of each of these visits are flagged.
    FlagAll,
    /// Visits that did no work don't count.
    ExcludeAttempts,
    /// None of these visits counts.
    ExcludeAll,
}

impl Choice {
    /// The choice with this id under `rule`.
    pub fn from_id(rule: Rule, id: &str) -> Option<Choice> {
        rule.choices().iter().copied().find(|choice| choice.id() == id)
    }

    /// What follows while it holds.
    pub(in crate::order) const fn follows(self) -> Follows {
        match self {
            Choice::FirstCounts => Follows::FlagOthers,
            Choice::WorkStandsUncharged | Choice::OneCallOut | Choice::StaysClosed => {
                Follows::FlagAll
            }
            Choice::AttemptDoesNotCount => Follows::ExcludeAttempts,
            Choice::WorkDoesNotCount => Follows::ExcludeAll,
            _ => Follows::Nothing,
        }
    }
}
