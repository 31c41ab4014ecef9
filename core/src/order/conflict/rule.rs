//! The table of rules: who finds a conflict, who must look, what may be decided. The page
//! `docs/conflicts.md` is made from it. A rule without code behind it says so in [`Row::found`].

use serde::{Deserialize, Serialize};

use super::{Choice, Choice as Ch};

/// Who finds a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finder {
    /// Every fold, from the order's own events.
    Fold,
    /// The server, which knows more than one order; its verdict tells every fold.
    Server,
}

/// Who must look at a conflict, and may decide it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Looks {
    /// Whoever plans the day; a supervisor may, too.
    Dispatcher,
    /// A supervisor: money, safety, or somebody's word against another's.
    Supervisor,
}

/// One rule.
#[derive(Debug)]
pub struct Row {
    /// Which.
    pub rule: Rule,
    /// Who finds it.
    pub finder: Finder,
    /// Who must look.
    pub looks: Looks,
    /// What may be decided; the first holds meanwhile.
    pub choices: &'static [Choice],
    /// Whether anything finds it yet.
    pub found: bool,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident $finder:ident $looks:ident [$($choice:ident),*] $found:ident),* $(,)?) => {
        /// A rule of the table in `docs/conflicts.md`.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, std::hash::Hash,
            Serialize, Deserialize,
        )]
        pub enum Rule {
            $($(#[$doc])* $rule,)*
        }

        /// All rules.
        pub const RULES: &[Row] = &[$(Row {
            rule: Rule::$rule,
            finder: Finder::$finder,
            looks: Looks::$looks,
            choices: &[$(Ch::$choice),*],
            found: rules!(@ $found),
        }),*];

        impl Rule {
            /// The rule's id, as written everywhere.
            pub const fn id(self) -> &'static str {
                match self {
                    $(Rule::$rule => stringify!($rule),)*
                }
            }
        }
    };
    (@ found) => { true };
    (@ not_yet) => { false };
}

rules! {
    /// The office cancelled; a technician finished.
    C1 Fold Supervisor [WorkStands, WorkStandsUncharged] found,
    /// Two technicians visited the same order.
    C2 Fold Supervisor [FirstCounts, BothCount] found,
    /// The same charges were paid twice.
    C3 Server Supervisor [RefundDue, BothPaymentsStand] found,
    /// A detail was changed on both sides.
    C4 Fold Dispatcher [AsRuled, OfficeValue, TechnicianValue] found,
    /// A meter was read twice in a period.
    C5 Fold Supervisor [ThirdReading, EarlierReadingCounts, LaterReadingCounts] found,
    /// What the customer signed for was changed afterwards.
    C6 Fold Supervisor [NewSignOff, EarlierSignOffSuffices] found,
    /// The standard was replaced by a mandatory one.
    C7 Server Supervisor [VisitStands, VisitAgain] found,
    /// The price list was replaced.
    C8 Server Supervisor [QuoteStands, NewPriceApplies] found,
    /// Work of a revoked device or a withdrawn technician.
    C9 Server Supervisor [WorkAdmitted, WorkDoesNotCount] found,
    /// A stream forked.
    C10 Server Supervisor [FirstBranchCounts, SecondBranchCounts] found,
    /// A clock was wrong.
    C11 Server Dispatcher [BootTimeCounts, WallTimeCounts] found,
    /// A hazard was closed by one, raised by another.
    C12 Fold Supervisor [WorseStands, HazardInspected] found,
    /// Gas was shut off by one, restored by another.
    C13 Fold Supervisor [ShutOffStands, RestoredAfterInspection] found,
    /// Nobody opened to one; another completed it.
    C14 Fold Dispatcher [AttemptStays, AttemptDoesNotCount] found,
    /// Two orders for one fault.
    C15 Server Supervisor [OneCallOut, TwoFaults] found,
    /// Reassigned while in progress.
    C16 Fold Dispatcher [NewOneContinues, FirstOneContinues] found,
    /// A receipt number twice.
    C17 Server Supervisor [FirstReceiptCounts, SecondReceiptCounts] found,
    /// One payment was given back twice.
    C18 Fold Supervisor [RecoverAmount, WaiveAmount] found,
    /// Evidence was named and never arrived.
    C19 Server Supervisor [EvidenceMissing, StandsWithoutEvidence] found,
    /// Closed as expired; work arrived.
    C20 Fold Dispatcher [Reopened, StaysClosed] found,
    /// The signer was no longer the customer.
    C21 Server Supervisor [SignOffFlagged, SignOffHolds] found,
    /// Erasure was asked while work was unsent.
    C22 Fold Supervisor [ErasedAgain, KeptForDispute] found,
    /// The meters of two flats were crossed.
    C23 Server Supervisor [BothParked, ReadingsSwapped, ReadingsRight] found,
    /// A smart meter's value arrived beside the reader's.
    C24 Fold Supervisor [WheelCounts, SmartValueCounts] found,
    /// One gas bottle at two customers.
    C25 Server Dispatcher [BottleToFind, FirstDeliveryHolds, SecondDeliveryHolds] found,
    /// More gas bottles came back from a customer than they held.
    C26 Server Dispatcher [BalanceWasWrong, BottleOfAnother] found,
}

impl Rule {
    /// The rule with this id.
    pub fn from_id(id: &str) -> Option<Rule> {
        RULES.iter().map(|row| row.rule).find(|rule| rule.id() == id)
    }

    /// Its row in the table.
    pub fn row(self) -> &'static Row {
        // In the order of the enum: both are made from one list.
        &RULES[self as usize]
    }

    /// What may be decided.
    pub fn choices(self) -> &'static [Choice] {
        self.row().choices
    }
}
