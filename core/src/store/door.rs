//! What is to be known before a door opens. Read for all orders of a list at once: a list costs a few
//! statements, however many rows it has.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{CachedStatement, Row, params};

use super::{OrderRow, Reader, Store, StoreError, Transaction};
use crate::{
    base::{Hash, Id, Instant},
    event::{Customer, Event},
    log::{Class, Place, Subject, SubjectKey, SubjectKind},
    meter::Meters,
    sync::{OpenHazard, OpenHazards, OpenStop, Premises},
};

/// An order with what waits behind its door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// The order.
    pub order: OrderRow,
    /// Where; empty when the premises aren't here.
    pub premises: Premises,
    /// For whom, while the key is here.
    pub customer: Option<Customer>,
    /// Hazards at these premises that are still there, and gas that is off.
    pub open: OpenHazards,
}

/// What the server told of some premises; both empty where it told nothing.
#[derive(Default)]
struct Told {
    premises: Option<Premises>,
    open: OpenHazards,
}

/// Ids as a parameter, for `IN (SELECT unhex(value) FROM json_each(?1))`.
fn list(ids: impl IntoIterator<Item = Id>) -> String {
    let ids: Vec<_> = ids.into_iter().map(|id| format!("\"{id}\"")).collect();
    format!("[{}]", ids.join(","))
}

/// A column of CBOR: nothing where it is empty or can't be read.
fn decoded<T: for<'b> minicbor::Decode<'b, ()>>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<T>> {
    let bytes = row.get_ref(column)?.as_blob_or_null()?.filter(|bytes| !bytes.is_empty());
    Ok(bytes.and_then(|bytes| minicbor::decode(bytes).ok()))
}

fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<Id> {
    Ok(Id::from_slice(row.get_ref(column)?.as_blob()?).unwrap_or_default())
}

fn hash(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Hash>> {
    Ok(row.get_ref(column)?.as_blob_or_null()?.and_then(Hash::from_slice))
}

fn damaged(column: usize) -> rusqlite::Error {
    let kind = rusqlite::types::Type::Blob;
    rusqlite::Error::InvalidColumnType(column, "open at some premises".to_owned(), kind)
}

/// A line of `open_hazard`, behind its premises.
fn hazard(row: &Row<'_>) -> rusqlite::Result<(Id, OpenHazard)> {
    let hazard = OpenHazard {
        order: id(row, 1)?,
        event: hash(row, 2)?.ok_or_else(|| damaged(2))?,
        at: Instant(row.get(3)?),
        scale: row.get(4)?,
        grade: row.get(5)?,
        rank: row.get(6)?,
        item: row.get(7)?,
        due: row.get::<_, Option<i64>>(8)?.map(Instant),
        first: hash(row, 9)?,
    };
    Ok((id(row, 0)?, hazard))
}

/// A line of `open_stop`, behind its premises.
fn stop(row: &Row<'_>) -> rusqlite::Result<(Id, OpenStop)> {
    let stop = OpenStop {
        order: id(row, 1)?,
        event: hash(row, 2)?.ok_or_else(|| damaged(2))?,
        at: Instant(row.get(3)?),
        what: decoded(row, 4)?.ok_or_else(|| damaged(4))?,
        hazard: hash(row, 5)?,
    };
    Ok((id(row, 0)?, stop))
}

impl Store {
    /// These orders, in their order, with what is to be known before their doors open.
    pub fn doors(&self, orders: Vec<OrderRow>) -> Result<Vec<Door>, StoreError> {
        let places: BTreeSet<Id> = orders.iter().filter_map(|order| order.premises).collect();
        let mut told = self.told(&places)?;
        let open = self.still_open(&places, &mut told)?;
        let mut customers = self.customers(&orders)?;
        let door = |order: OrderRow| {
            let at = order.premises.unwrap_or_default();
            let premises = told.get(&at).and_then(|told| told.premises.clone());
            Door {
                premises: premises.unwrap_or(Premises { id: at, ..Premises::default() }),
                customer: customers.remove(&order.id),
                // Several orders may be at one place.
                open: open.get(&at).cloned().unwrap_or_default(),
                order,
            }
        };
        Ok(orders.into_iter().map(door).collect())
    }

    /// Hazards at these premises that are still there, gravest first, and gas that is off: those of the
    /// orders that are here as they stand here, those of all others as the server last told.
    pub fn open_at(&self, premises: Id) -> Result<OpenHazards, StoreError> {
        let places = BTreeSet::from([premises]);
        let mut told = self.told(&places)?;
        Ok(self.still_open(&places, &mut told)?.remove(&premises).unwrap_or_default())
    }

    /// The meters of these premises, where any are known.
    pub fn meters_at(
        &self,
        premises: impl IntoIterator<Item = Id>,
    ) -> Result<BTreeMap<Id, Meters>, StoreError> {
        let found = self.of_ids(
            "SELECT id, meters FROM premises WHERE id IN (SELECT unhex(value) FROM json_each(?1))",
            premises,
            |row| Ok((id(row, 0)?, decoded(row, 1)?.unwrap_or_default())),
        )?;
        Ok(found.into_iter().collect())
    }

    fn of_ids<T>(
        &self,
        sql: &str,
        ids: impl IntoIterator<Item = Id>,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map([list(ids)], |row| read(row))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn told(&self, places: &BTreeSet<Id>) -> Result<BTreeMap<Id, Told>, StoreError> {
        let found = self.of_ids(
            "SELECT id, body, hazards FROM premises
             WHERE id IN (SELECT unhex(value) FROM json_each(?1))",
            places.iter().copied(),
            |row| {
                let open = decoded(row, 2)?.unwrap_or_default();
                Ok((id(row, 0)?, Told { premises: decoded(row, 1)?, open }))
            },
        )?;
        Ok(found.into_iter().collect())
    }

    /// What is open at each of these premises; takes it from what was told of them.
    fn still_open(
        &self,
        places: &BTreeSet<Id>,
        told: &mut BTreeMap<Id, Told>,
    ) -> Result<BTreeMap<Id, OpenHazards>, StoreError> {
        let mut lines: BTreeMap<Id, (Vec<OpenHazard>, Vec<OpenStop>)> = BTreeMap::new();
        let hazards = self.of_ids(
            "SELECT premises, work_order, event, at, scale, grade, rank, item, due, first
             FROM open_hazard WHERE premises IN (SELECT unhex(value) FROM json_each(?1))",
            places.iter().copied(),
            hazard,
        )?;
        for (place, hazard) in hazards {
            lines.entry(place).or_default().0.push(hazard);
        }
        let stops = self.of_ids(
            "SELECT premises, work_order, event, at, what, hazard
             FROM open_stop WHERE premises IN (SELECT unhex(value) FROM json_each(?1))",
            places.iter().copied(),
            stop,
        )?;
        for (place, stop) in stops {
            lines.entry(place).or_default().1.push(stop);
        }
        let named = |told: &OpenHazards| {
            let hazards = told.hazards.iter().map(|hazard| hazard.order);
            hazards.chain(told.stops.iter().flatten().map(|stop| stop.order)).collect::<Vec<_>>()
        };
        let named: BTreeSet<Id> = told.values().flat_map(|told| named(&told.open)).collect();
        let here: BTreeSet<Id> = match named.is_empty() {
            true => BTreeSet::new(),
            false => BTreeSet::from_iter(self.of_ids(
                "SELECT id FROM order_row WHERE id IN (SELECT unhex(value) FROM json_each(?1))",
                named,
                |row| id(row, 0),
            )?),
        };
        for (place, told) in told {
            let OpenHazards { hazards, stops } = std::mem::take(&mut told.open);
            let hazards = hazards.into_iter().filter(|hazard| !here.contains(&hazard.order));
            let stops = stops.into_iter().flatten().filter(|stop| !here.contains(&stop.order));
            let (hazards, stops): (Vec<_>, Vec<_>) = (hazards.collect(), stops.collect());
            if hazards.len() + stops.len() > 0 {
                let lines = lines.entry(*place).or_default();
                lines.0.extend(hazards);
                lines.1.extend(stops);
            }
        }
        let of = |(place, (hazards, stops))| (place, OpenHazards::of(hazards, stops));
        Ok(lines.into_iter().map(of).collect())
    }

    /// The events that opened these orders, as far as they are here, each with the key of the order's
    /// customer while it is here.
    pub fn openings(
        &self,
        orders: &[OrderRow],
    ) -> Result<Vec<(Id, Event, Option<SubjectKey>)>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT order_row.id, bytes, key FROM order_row
             JOIN event ON stream = opened_stream AND seq = opened_seq
             LEFT JOIN subject_key
               ON subject_kind = ?2 AND subject_id = order_row.id AND class = ?3
             WHERE order_row.id IN (SELECT unhex(value) FROM json_each(?1))",
        )?;
        let (kind, class) = (SubjectKind::WorkOrder, Class::Contact);
        let ids = list(orders.iter().map(|order| order.id));
        let mut rows = statement.query(params![ids, kind.number(), class.number()])?;
        let mut openings = Vec::with_capacity(orders.len());
        while let Some(row) = rows.next()? {
            let order = id(row, 0)?;
            let event = Event::decode(row.get_ref(1)?.as_blob().unwrap_or_default());
            let event =
                event.map_err(|e| StoreError::Damaged(format!("an order's opening: {e}")))?;
            let place = Place::Field(Subject::work_order(order), class);
            let key = row.get_ref(2)?.as_blob_or_null().unwrap_or_default();
            openings.push((order, event, key.and_then(|key| self.vault.open(place, key))));
        }
        Ok(openings)
    }

    /// The customers of these orders, while their keys are here.
    fn customers(&self, orders: &[OrderRow]) -> Result<BTreeMap<Id, Customer>, StoreError> {
        let openings = self.openings(orders)?.into_iter();
        let customers = openings.filter_map(|(order, event, key)| {
            let subject = Subject::work_order(order);
            Some((order, event.opened(subject, Class::Contact, &key?)?))
        });
        Ok(customers.collect())
    }
}

impl Reader<'_> {
    /// What the server told of hazards at some premises.
    pub fn hazards_told(&self, premises: Id) -> Result<OpenHazards, StoreError> {
        let sql = "SELECT hazards FROM premises WHERE id = ?1";
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query([premises.as_bytes()])?;
        let told = rows.next()?.map(|row| decoded(row, 0)).transpose()?;
        Ok(told.flatten().unwrap_or_default())
    }
}

impl Transaction<'_> {
    /// Writes what of an order is still open at its premises: hazards that are there, gas that is off.
    pub fn put_open(
        &self,
        order: Id,
        premises: Id,
        hazards: &[OpenHazard],
        stops: &[OpenStop],
    ) -> Result<(), StoreError> {
        self.put_lines(
            [
                "DELETE FROM open_hazard WHERE work_order = ?1",
                "INSERT INTO open_hazard
                 (premises, work_order, event, at, scale, grade, rank, item, due, first)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            ],
            order,
            hazards,
            |statement, hazard| {
                statement.execute(params![
                    premises.as_bytes(),
                    order.as_bytes(),
                    hazard.event.as_bytes(),
                    hazard.at.0,
                    hazard.scale,
                    hazard.grade,
                    hazard.rank,
                    hazard.item,
                    hazard.due.map(|due| due.0),
                    hazard.first.as_ref().map(Hash::as_bytes),
                ])
            },
        )?;
        self.put_lines(
            [
                "DELETE FROM open_stop WHERE work_order = ?1",
                "INSERT INTO open_stop (premises, work_order, event, at, what, hazard)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            ],
            order,
            stops,
            |statement, stop| {
                statement.execute(params![
                    premises.as_bytes(),
                    order.as_bytes(),
                    stop.event.as_bytes(),
                    stop.at.0,
                    minicbor::to_vec(stop.what).unwrap_or_default(),
                    stop.hazard.as_ref().map(Hash::as_bytes),
                ])
            },
        )
    }

    /// Writes the lines of an order anew: one statement takes away those that were there, the other puts
    /// each of these.
    pub(super) fn put_lines<T>(
        &self,
        [delete, insert]: [&str; 2],
        order: Id,
        lines: &[T],
        put: impl Fn(&mut CachedStatement<'_>, &T) -> rusqlite::Result<usize>,
    ) -> Result<(), StoreError> {
        self.prepare_cached(delete)?.execute([order.as_bytes()])?;
        let mut insert = self.prepare_cached(insert)?;
        for line in lines {
            put(&mut insert, line)?;
        }
        Ok(())
    }
}
