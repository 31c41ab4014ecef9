//! Looking ahead in SQL.

use std::collections::{BTreeMap, BTreeSet};

use doorstep::{
    base::Id,
    log::{Chain, StreamId, Subject, SubjectKind},
};

use super::{
    Key, Row, Sql, SqlTx, Value, cbor, feed, office,
    streams::{self, name},
};
use crate::store::{Ahead, OrderRow, StoreError, StoredEvent};

/// What was read ahead, as this transaction has left it. Nothing that isn't in it is known to be absent.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) heads: BTreeMap<StreamId, Option<(Key, Chain)>>,
    pub(super) orders: BTreeMap<Id, Option<OrderRow>>,
    pub(super) carriers: BTreeMap<Id, Vec<Id>>,
    pub(super) events: BTreeMap<Subject, Vec<StoredEvent>>,
}

impl Seen {
    /// A stream moved, or began.
    pub(super) fn moved(&mut self, stream: &StreamId, key: Key, head: Chain) {
        if let Some(known) = self.heads.get_mut(stream) {
            *known = Some((key, head));
        }
        self.events.remove(&stream.subject);
    }
}

impl<S: Sql> SqlTx<S> {
    /// What one query finds for each of these parameters, in their order.
    fn of_each<T>(
        &mut self,
        sql: &'static str,
        values: &[Vec<Value<'_>>],
        read: impl Fn(&dyn Row) -> Result<T, StoreError>,
    ) -> Result<Vec<Vec<T>>, StoreError> {
        let mut found = Vec::new();
        found.resize_with(values.len(), Vec::new);
        self.0.query_each(sql, values, &mut |place, row| {
            found[place].push(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }
}

impl<S: Sql> Ahead for SqlTx<S> {
    fn streams_ahead(&mut self, streams: &[StreamId]) -> Result<(), StoreError> {
        let streams: BTreeSet<_> = streams.iter().collect();
        let writers: Vec<_> = streams.iter().map(|stream| cbor(&stream.writer)).collect();
        let named = streams.iter().zip(&writers).map(|(stream, writer)| name(stream, writer));
        let named: Vec<_> = named.map(Vec::from).collect();
        let heads = self.of_each(streams::HEAD, &named, streams::head)?;
        let heads = streams.iter().zip(heads).map(|(stream, mut head)| (**stream, head.pop()));
        self.2.heads.extend(heads);

        let subjects = streams.iter().map(|stream| stream.subject);
        let orders = subjects.filter(|subject| subject.kind == SubjectKind::WorkOrder);
        let orders: BTreeSet<Id> = orders.map(|subject| subject.id).collect();
        let named: Vec<_> = orders.iter().map(|order| vec![order.into()]).collect();
        let lines = self.of_each(office::ORDER, &named, office::order)?;
        let lines = orders.iter().zip(lines).map(|(order, mut line)| (*order, line.pop()));
        self.2.orders.extend(lines);
        let carriers = self.of_each(feed::CARRIERS, &named, |row| row.id(0))?;
        self.2.carriers.extend(orders.iter().copied().zip(carriers));
        Ok(())
    }

    fn events_ahead(&mut self, subjects: &[Subject]) -> Result<(), StoreError> {
        let named = subjects.iter().map(|subject| streams::about(subject).to_vec());
        let named: Vec<_> = named.collect();
        let events = self.of_each(streams::EVENTS_ABOUT, &named, streams::stored_event)?;
        self.2.events.extend(subjects.iter().copied().zip(events));
        Ok(())
    }
}
