//! Keys of subjects: under the storage key while they are here, and those made here also in a box that
//! only the company opens, so that they reach it even from a phone that lost its secret store.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Reader, Store, StoreError, Transaction, open::subject_columns, vault::Vault};
use crate::{
    base::Id,
    log::{Class, DisclosedKey, Place, SealedKeys, StorageKey, Subject, SubjectKey, SubjectKind},
};

/// Set by the schema that put keys under the storage key: those kept before stand in plain.
const IN_PLAIN: &str = "keys_in_plain";

/// What the server lacks of keys.
#[derive(Debug, Default)]
pub struct UnsentKeys {
    /// Boxes made when the key was; each holds the one key named.
    pub boxes: Vec<(Subject, Class, SealedKeys)>,
    /// Keys without a box: they came from the server, which is to have them again.
    pub keys: Vec<DisclosedKey>,
}

/// A row's subject and class.
fn named(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<(Subject, Class)>> {
    let kind = SubjectKind::from_number(row.get(0)?);
    let id = Id::from_slice(&row.get::<_, Vec<u8>>(1)?);
    let class = Class::from_number(row.get(2)?);
    Ok(match (kind, id, class) {
        (Some(kind), Some(id), Some(class)) => Some((Subject { kind, id }, class)),
        _ => None,
    })
}

impl Reader<'_> {
    /// The key of a subject's fields, unless erased, never given, or kept under a storage key that is
    /// lost.
    pub fn key(&self, subject: &Subject, class: Class) -> Result<Option<SubjectKey>, StoreError> {
        let (kind, id) = subject_columns(subject);
        let bytes: Option<Vec<u8>> = self
            .0
            .prepare_cached(
                "SELECT key FROM subject_key
                 WHERE subject_kind = ?1 AND subject_id = ?2 AND class = ?3",
            )?
            .query_row(params![kind, id, class.number()], |row| row.get(0))
            .optional()?;
        Ok(bytes.and_then(|bytes| self.1.open(Place::Field(*subject, class), &bytes)))
    }
}

impl Store {
    /// From now on keys are kept under this key, and those kept under it open.
    ///
    /// # Errors
    /// When the file can't be written: keys that an earlier version kept in plain are sealed now.
    pub fn unlock(&mut self, key: StorageKey) -> Result<(), StoreError> {
        self.vault = Vault::new(key);
        if self.read().meta::<bool>(IN_PLAIN)?.is_none() {
            return Ok(());
        }
        self.transaction(|tx| tx.keep_anew(tx.vault))
    }

    /// The keys of a subject that open here.
    pub fn keys_of(&self, subject: &Subject) -> Result<Vec<DisclosedKey>, StoreError> {
        let mut keys = Vec::new();
        for class in Class::ALL {
            if let Some(key) = self.read().key(subject, class)? {
                keys.push(DisclosedKey { subject: *subject, class, key });
            }
        }
        Ok(keys)
    }

    /// Keys that the server lacks.
    pub fn unsent_keys(&self) -> Result<UnsentKeys, StoreError> {
        let mut unsent = UnsentKeys::default();
        let mut boxes =
            self.db.prepare_cached("SELECT subject_kind, subject_id, class, bytes FROM key_box")?;
        let mut rows = boxes.query([])?;
        while let Some(row) = rows.next()? {
            if let Some((subject, class)) = named(row)? {
                unsent.boxes.push((subject, class, SealedKeys::from_bytes(row.get(3)?)));
            }
        }
        let mut keys = self.db.prepare_cached(
            "SELECT subject_kind, subject_id, class, key FROM subject_key AS it
             WHERE unsent = 1 AND NOT EXISTS (
                 SELECT 1 FROM key_box WHERE key_box.subject_kind = it.subject_kind
                   AND key_box.subject_id = it.subject_id AND key_box.class = it.class)",
        )?;
        let mut rows = keys.query([])?;
        while let Some(row) = rows.next()? {
            let Some((subject, class)) = named(row)? else { continue };
            let sealed: Vec<u8> = row.get(3)?;
            if let Some(key) = self.vault.open(Place::Field(subject, class), &sealed) {
                unsent.keys.push(DisclosedKey { subject, class, key });
            }
        }
        Ok(unsent)
    }
}

impl Transaction<'_> {
    /// Keeps a key that came from the server; the first one stays, unless its storage key is lost. Gives
    /// whether this is the one that is here now.
    pub fn keep_key(
        &self,
        subject: &Subject,
        class: Class,
        key: &SubjectKey,
    ) -> Result<bool, StoreError> {
        match self.read().key(subject, class)? {
            Some(known) => Ok(known == *key),
            None => {
                self.put_key(subject, class, key, false)?;
                Ok(true)
            }
        }
    }

    /// Keeps a key made here, with its box for the server.
    pub fn keep_new_key(
        &self,
        new: &DisclosedKey,
        sealed: Option<&SealedKeys>,
    ) -> Result<(), StoreError> {
        let DisclosedKey { subject, class, key } = new;
        self.put_key(subject, *class, key, true)?;
        let (kind, id) = subject_columns(subject);
        if let Some(sealed) = sealed {
            self.prepare_cached(
                "INSERT INTO key_box (subject_kind, subject_id, class, bytes)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![kind, id, class.number(), sealed.as_bytes()])?;
        }
        Ok(())
    }

    fn put_key(
        &self,
        subject: &Subject,
        class: Class,
        key: &SubjectKey,
        unsent: bool,
    ) -> Result<(), StoreError> {
        let (kind, id) = subject_columns(subject);
        self.prepare_cached(
            "INSERT OR REPLACE INTO subject_key (subject_kind, subject_id, class, key, unsent)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            kind,
            id,
            class.number(),
            self.vault.seal(Place::Field(*subject, class), key)?,
            unsent
        ])?;
        Ok(())
    }

    /// Destroys a key: what it sealed is erased here.
    pub fn drop_key(&self, subject: &Subject, class: Class) -> Result<(), StoreError> {
        let (kind, id) = subject_columns(subject);
        for sql in [
            "DELETE FROM subject_key
             WHERE subject_kind = ?1 AND subject_id = ?2 AND class = ?3",
            "DELETE FROM key_box WHERE subject_kind = ?1 AND subject_id = ?2 AND class = ?3",
        ] {
            self.prepare_cached(sql)?.execute(params![kind, id, class.number()])?;
        }
        Ok(())
    }

    /// The server has destroyed this key and is to have it after all.
    pub fn offer_key_again(&self, subject: &Subject, class: Class) -> Result<(), StoreError> {
        let (kind, id) = subject_columns(subject);
        self.prepare_cached(
            "UPDATE subject_key SET unsent = 1
             WHERE subject_kind = ?1 AND subject_id = ?2 AND class = ?3",
        )?
        .execute(params![kind, id, class.number()])?;
        Ok(())
    }

    /// The server lost what it had: keys held here go to it again.
    pub fn offer_keys_again(&self) -> Result<(), StoreError> {
        self.prepare_cached("UPDATE subject_key SET unsent = 1")?.execute([])?;
        Ok(())
    }

    /// The server has this key.
    pub fn key_sent(&self, subject: &Subject, class: Class) -> Result<(), StoreError> {
        let (kind, id) = subject_columns(subject);
        for sql in [
            "UPDATE subject_key SET unsent = 0
             WHERE subject_kind = ?1 AND subject_id = ?2 AND class = ?3",
            "DELETE FROM key_box WHERE subject_kind = ?1 AND subject_id = ?2 AND class = ?3",
        ] {
            self.prepare_cached(sql)?.execute(params![kind, id, class.number()])?;
        }
        Ok(())
    }

    /// Puts every kept key under another storage key; [`Store::unlock`] with it behind this
    /// transaction. What the present one doesn't open is lost here: the server gives again what it has.
    pub fn keep_keys_under(&self, key: &StorageKey) -> Result<(), StoreError> {
        self.keep_anew(&Vault::new(key.clone()))
    }

    /// Seals every kept key anew; what can't be opened goes.
    fn keep_anew(&self, vault: &Vault) -> Result<(), StoreError> {
        let in_plain = self.read().meta::<bool>(IN_PLAIN)?.is_some();
        let open = |place, bytes: &[u8]| match in_plain {
            true => SubjectKey::from_slice(bytes),
            false => self.vault.open(place, bytes),
        };
        for (row, place, bytes) in photo_keys(self)? {
            if let Some(key) = open(place, &bytes) {
                self.prepare_cached("UPDATE photo SET key = ?2 WHERE id = ?1")?
                    .execute(params![row, vault.seal(place, &key)?])?;
            }
        }
        for (subject, class, bytes) in subject_keys(self)? {
            let place = Place::Field(subject, class);
            let (kind, id) = subject_columns(&subject);
            match open(place, &bytes) {
                Some(key) => self
                    .prepare_cached(
                        "UPDATE subject_key SET key = ?4
                         WHERE subject_kind = ?1 AND subject_id = ?2 AND class = ?3",
                    )?
                    .execute(params![kind, id, class.number(), vault.seal(place, &key)?])?,
                None => self
                    .prepare_cached(
                        "DELETE FROM subject_key
                         WHERE subject_kind = ?1 AND subject_id = ?2 AND class = ?3",
                    )?
                    .execute(params![kind, id, class.number()])?,
            };
        }
        self.clear_meta(IN_PLAIN)
    }
}

fn subject_keys(db: &Connection) -> Result<Vec<(Subject, Class, Vec<u8>)>, StoreError> {
    let mut all = db.prepare("SELECT subject_kind, subject_id, class, key FROM subject_key")?;
    let mut rows = all.query([])?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next()? {
        if let Some((subject, class)) = named(row)? {
            keys.push((subject, class, row.get(3)?));
        }
    }
    Ok(keys)
}

fn photo_keys(db: &Connection) -> Result<Vec<(i64, Place, Vec<u8>)>, StoreError> {
    let mut all = db.prepare("SELECT id, subject_kind, subject_id, action, key FROM photo")?;
    let mut rows = all.query([])?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next()? {
        let id = |column| Ok::<_, StoreError>(Id::from_slice(&row.get::<_, Vec<u8>>(column)?));
        let kind = SubjectKind::from_number(row.get(1)?);
        if let (Some(kind), Some(subject), Some(action)) = (kind, id(2)?, id(3)?) {
            let place = Place::Photo(Subject { kind, id: subject }, action);
            keys.push((row.get(0)?, place, row.get(4)?));
        }
    }
    Ok(keys)
}
