//! The office: accounts, people, standing data, and the list of work orders.

use doorstep::{
    base::{Hash, Id, Instant},
    event::VisitKind,
    order::OrderStatus,
    sync::Person,
};
use serde::{Deserialize, Serialize};

use super::StoreError;

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Opens, assigns and cancels orders; keeps premises; hands out enrolment codes; reads.
    Dispatcher,
    /// All of that; decides conflicts, publishes standing data, keeps people, accounts and devices.
    Supervisor,
}

/// An office account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: Id,
    /// Who acts through it.
    pub person: Id,
    /// What it may do.
    pub role: Role,
}

/// A work order in the list: derived from its streams, and derivable again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderRow {
    /// Its id.
    pub id: Id,
    /// The number people say on the phone.
    pub number: String,
    /// What is to be done.
    pub kind: Option<VisitKind>,
    /// When it was opened.
    pub opened_at: Option<Instant>,
    /// Where.
    pub premises: Option<Id>,
    /// Who it is given to.
    pub assigned_to: Option<Id>,
    /// Where it stands.
    pub status: OrderStatus,
    /// Conflicts found.
    pub conflicts: u64,
    /// Of these, open.
    pub open_conflicts: u64,
    /// Whether charged work was done. True until that is known.
    pub charged: bool,
    /// Changed last, by the server's clock.
    pub changed_at: Instant,
}

impl OrderRow {
    /// Whether somebody still has to go there.
    pub fn is_active(&self) -> bool {
        !self.status.is_over()
    }
}

/// What a transaction can do for the office.
pub trait Office {
    /// The server's epoch.
    fn epoch(&mut self) -> Result<u64, StoreError>;

    /// Begins another epoch.
    fn set_epoch(&mut self, epoch: u64) -> Result<(), StoreError>;

    /// When the last verified backup was made.
    fn backed_up_at(&mut self) -> Result<Option<Instant>, StoreError>;

    /// A backup made then was verified; later than any before.
    fn set_backed_up(&mut self, at: Instant) -> Result<(), StoreError>;

    /// The company's public signing key that this store belongs to; `None` before the first start.
    fn company_key(&mut self) -> Result<Option<[u8; 32]>, StoreError>;

    /// First start: epoch 1, and whose store it is.
    fn found(&mut self, company_key: &[u8; 32]) -> Result<(), StoreError>;

    /// The hash of the code that makes the first account.
    fn bootstrap(&mut self) -> Result<Option<Hash>, StoreError>;

    /// Sets it, or takes it away for good.
    fn set_bootstrap(&mut self, code: Option<&Hash>) -> Result<(), StoreError>;

    /// Whether anybody has an account.
    fn has_accounts(&mut self) -> Result<bool, StoreError>;

    /// Keeps a new account, by the hash of its token.
    fn add_account(&mut self, account: &Account, token: &Hash) -> Result<(), StoreError>;

    /// The account with this token's hash.
    fn account(&mut self, token: &Hash) -> Result<Option<Account>, StoreError>;

    /// Keeps a person, new or changed.
    fn put_person(&mut self, person: &Person) -> Result<(), StoreError>;

    /// A person.
    fn person(&mut self, id: Id) -> Result<Option<Person>, StoreError>;

    /// Whoever carries this badge; nobody where several do.
    fn person_of_badge(&mut self, badge: &str) -> Result<Option<Id>, StoreError>;

    /// The last version published under a key of standing data.
    fn standing_version(&mut self, key: &str) -> Result<Option<u32>, StoreError>;

    /// Publishes a document at the next position; `alone` drops earlier versions of the same key.
    fn publish(
        &mut self,
        key: &str,
        version: u32,
        bytes: &[u8],
        alone: bool,
    ) -> Result<(), StoreError>;

    /// Position and size of each document published after a position, in order.
    fn standing_after(&mut self, after: u64) -> Result<Vec<(u64, u64)>, StoreError>;

    /// Documents published at `after < p <= to`, in order.
    fn standing(&mut self, after: u64, to: u64) -> Result<Vec<Vec<u8>>, StoreError>;

    /// The last version published under a key, as signed.
    fn standing_latest(&mut self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// What was last published of some premises or their meters, as a hash.
    fn district_hash(&mut self, key: &str) -> Result<Option<Hash>, StoreError>;

    /// Keeps what is published of them now; nothing, when they are gone.
    fn set_district_hash(&mut self, key: &str, hash: Option<&Hash>) -> Result<(), StoreError>;

    /// Keeps an order's line in the list.
    fn put_order(&mut self, order: &OrderRow) -> Result<(), StoreError>;

    /// An order's line.
    fn order(&mut self, id: Id) -> Result<Option<OrderRow>, StoreError>;

    /// The order with this number.
    fn order_by_number(&mut self, number: &str) -> Result<Option<OrderRow>, StoreError>;

    /// Orders at some premises.
    fn orders_at(&mut self, premises: Id) -> Result<Vec<OrderRow>, StoreError>;

    /// Orders of one kind at some premises whose work was charged, opened at `from..=to`, by id. An
    /// order of which that isn't known is among them.
    fn charged_at(
        &mut self,
        premises: Id,
        kind: VisitKind,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<Id>, StoreError>;

    /// Keeps a fact that is no event of an order, and that verdicts judge by: when it was, and
    /// what.
    fn add_fact(&mut self, key: &str, at: Instant, body: &[u8]) -> Result<(), StoreError>;

    /// The facts under a key, in the order they were kept.
    fn facts(&mut self, key: &str) -> Result<Vec<(Instant, Vec<u8>)>, StoreError>;

    /// Orders where nobody has to go any more, changed before then, the longest ago first, behind the
    /// one `after` names by when it changed and its id; at most `limit`.
    fn orders_over(
        &mut self,
        before: Instant,
        after: Option<(Instant, Id)>,
        limit: usize,
    ) -> Result<Vec<OrderRow>, StoreError>;

    /// Orders, last changed first, at most `limit`; with conflicts only, if asked.
    fn orders(&mut self, conflicts: bool, limit: usize) -> Result<Vec<OrderRow>, StoreError>;
}
