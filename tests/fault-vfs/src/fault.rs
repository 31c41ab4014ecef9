//! Which operation fails, and how: the counters and the armed faults of one disk.
//!
//! Pure bookkeeping. What a failing operation leaves behind is decided where it is carried out.

/// How an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A write that would make its file longer gives `SQLITE_FULL`; overwriting still works.
    Full,
    /// A write, truncation, deletion or creation gives `SQLITE_IOERR` (a creation:
    /// `SQLITE_CANTOPEN`).
    WriteError,
    /// A sync gives `SQLITE_IOERR`, and what it should have made durable may be lost for good.
    SyncError,
    /// A read gives `SQLITE_IOERR`.
    ReadError,
}

impl Fault {
    const ALL: [Self; 4] = [Self::Full, Self::WriteError, Self::SyncError, Self::ReadError];

    fn strikes(self, op: Op) -> bool {
        match self {
            Self::Full => matches!(op, Op::Write { grows: true }),
            Self::WriteError => {
                matches!(op, Op::Write { .. } | Op::Truncate | Op::Delete | Op::Create)
            }
            Self::SyncError => op == Op::Sync,
            Self::ReadError => op == Op::Read,
        }
    }
}

/// How often an armed fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// One operation fails, those after it work.
    Once,
    /// Every operation it can strike fails from then on, until [`heal`](crate::FaultDisk::heal).
    UntilHealed,
}

/// An operation that a fault or a power loss can strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Create,
    Read,
    Write { grows: bool },
    Truncate,
    Sync,
    Delete,
}

/// What becomes of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Proceed,
    Fail(Fault),
    PowerCut,
}

struct Armed {
    fault: Fault,
    spared: u64,
    lasting: Lasting,
}

/// The counters of a disk and what is armed on it.
#[derive(Default)]
pub(crate) struct Plan {
    changes: u64,
    chances: [u64; Fault::ALL.len()],
    armed: Vec<Armed>,
    power: Option<u64>,
}

impl Plan {
    pub(crate) fn arm(&mut self, spared: u64, fault: Fault, lasting: Lasting) {
        self.armed.push(Armed { fault, spared, lasting });
    }

    pub(crate) fn arm_power_loss(&mut self, spared: u64) {
        self.power = Some(spared);
    }

    /// Disarms everything; the counters go on.
    pub(crate) fn disarm(&mut self) {
        self.armed.clear();
        self.power = None;
    }

    /// Operations so far that changed or should have changed the disk.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// Operations so far that `fault` could have struck.
    pub(crate) fn chances(&self, fault: Fault) -> u64 {
        self.chances[fault as usize]
    }

    /// Counts `op` and says what becomes of it. A power loss goes before any fault; of two faults
    /// that are due, the one armed first strikes.
    pub(crate) fn next(&mut self, op: Op) -> Verdict {
        for fault in Fault::ALL {
            self.chances[fault as usize] += u64::from(fault.strikes(op));
        }
        if op != Op::Read {
            self.changes += 1;
            match &mut self.power {
                Some(0) => {
                    self.power = None;
                    return Verdict::PowerCut;
                }
                Some(spared) => *spared -= 1,
                None => {}
            }
        }
        let mut due = None;
        for (at, armed) in self.armed.iter_mut().enumerate() {
            match armed.spared {
                _ if !armed.fault.strikes(op) => {}
                0 => due = due.or(Some(at)),
                _ => armed.spared -= 1,
            }
        }
        let Some(at) = due else { return Verdict::Proceed };
        let fault = self.armed[at].fault;
        if self.armed[at].lasting == Lasting::Once {
            self.armed.remove(at);
        }
        Verdict::Fail(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_passes_over_operations_it_cannot_strike() {
        let mut plan = Plan::default();
        plan.arm(1, Fault::Full, Lasting::Once);
        let grows = Op::Write { grows: true };
        assert_eq!(plan.next(grows), Verdict::Proceed);
        assert_eq!(plan.next(Op::Write { grows: false }), Verdict::Proceed);
        assert_eq!(plan.next(Op::Read), Verdict::Proceed);
        assert_eq!(plan.next(grows), Verdict::Fail(Fault::Full));
        assert_eq!(plan.next(grows), Verdict::Proceed);
        assert_eq!((plan.changes(), plan.chances(Fault::Full)), (4, 3));
    }

    #[test]
    fn a_lasting_fault_ends_when_it_is_healed() {
        let mut plan = Plan::default();
        plan.arm(0, Fault::SyncError, Lasting::UntilHealed);
        assert_eq!(plan.next(Op::Sync), Verdict::Fail(Fault::SyncError));
        assert_eq!(plan.next(Op::Sync), Verdict::Fail(Fault::SyncError));
        plan.disarm();
        assert_eq!(plan.next(Op::Sync), Verdict::Proceed);
    }

    #[test]
    fn power_goes_at_a_change_and_never_at_a_read() {
        let mut plan = Plan::default();
        plan.arm_power_loss(1);
        assert_eq!(plan.next(Op::Create), Verdict::Proceed);
        assert_eq!(plan.next(Op::Read), Verdict::Proceed);
        assert_eq!(plan.next(Op::Delete), Verdict::PowerCut);
        assert_eq!(plan.next(Op::Delete), Verdict::Proceed);
    }
}
