//! Photos taken here: sealed bytes in parts, so that any part is read without the rest.

use rusqlite::{OptionalExtension, Row, params};

use super::{Store, StoreError, Transaction, open::subject_columns, vault::Vault};
use crate::{
    base::{Hash, Id},
    log::{Place, Subject, SubjectKey, SubjectKind},
};

/// Bytes in one row.
const PART: usize = 64 * 1024;

/// A photo that was taken here.
#[derive(Debug, Clone)]
pub struct PhotoRow {
    /// Its row.
    pub(crate) row: i64,
    /// SHA-256 of its sealed bytes.
    pub address: Hash,
    /// About what.
    pub subject: Subject,
    /// In which visit.
    pub visit: Id,
    /// The action that took it.
    pub action: Id,
    /// What opens it and its thumbnail; `None` where the storage key that it was kept under is lost.
    pub key: Option<SubjectKey>,
    /// How many sealed bytes.
    pub size: u64,
    /// The server keeps the first so many.
    pub sent: u64,
    /// Its bytes are no longer here.
    pub purged: bool,
}

/// How a photo that was taken here stands, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhotoMark {
    /// Its address.
    pub address: Hash,
    /// How many sealed bytes.
    pub size: u64,
    /// The server keeps the first so many.
    pub sent: u64,
    /// It keeps all of it.
    pub arrived: bool,
    /// Its bytes were let go of here.
    pub purged: bool,
    /// A small picture of it is here.
    pub thumbnail: bool,
    /// Why the server doesn't take it; empty where it does.
    pub trouble: String,
}

/// Photos that the server lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PhotoBacklog {
    /// How many.
    pub photos: u64,
    /// Sealed bytes it lacks of them.
    pub bytes: u64,
    /// Of these photos, refused for now.
    pub refused: u64,
}

/// How many photos there are, and how many of them the server keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct PhotoCount {
    /// Taken here.
    pub taken: u64,
    /// Whole at the server.
    pub arrived: u64,
    /// Refused by the server for now.
    pub refused: u64,
}

const COLUMNS: &str = "id, address, subject_kind, subject_id, visit, action, key, size, sent, \
                       purged";

fn damaged(column: usize) -> rusqlite::Error {
    let kind = rusqlite::types::Type::Blob;
    rusqlite::Error::FromSqlConversionFailure(column, kind, "not a photo's column".into())
}

fn address(row: &Row<'_>, column: usize) -> rusqlite::Result<Hash> {
    Hash::from_slice(&row.get::<_, Vec<u8>>(column)?).ok_or_else(|| damaged(column))
}

fn read(row: &Row<'_>, vault: &Vault) -> rusqlite::Result<PhotoRow> {
    let bytes = |column: usize| row.get::<_, Vec<u8>>(column);
    let id = |column| Id::from_slice(&bytes(column)?).ok_or_else(|| damaged(column));
    let kind = SubjectKind::from_number(row.get(2)?).ok_or_else(|| damaged(2))?;
    let (subject, action) = (Subject { kind, id: id(3)? }, id(5)?);
    Ok(PhotoRow {
        row: row.get(0)?,
        address: address(row, 1)?,
        subject,
        visit: id(4)?,
        action,
        key: vault.open(Place::Photo(subject, action), &bytes(6)?),
        size: row.get(7)?,
        sent: row.get(8)?,
        purged: row.get(9)?,
    })
}

impl Store {
    /// All photos that were taken here.
    pub fn photo_count(&self) -> Result<PhotoCount, StoreError> {
        let sql = "SELECT count(*), coalesce(sum(arrived), 0), coalesce(sum(trouble <> ''), 0)
                   FROM photo";
        let read = |row: &Row<'_>| {
            Ok(PhotoCount { taken: row.get(0)?, arrived: row.get(1)?, refused: row.get(2)? })
        };
        Ok(self.db.prepare_cached(sql)?.query_row([], read)?)
    }

    /// The photos of a visit about `subject`, as they were taken.
    pub fn photos_of(&self, subject: &Subject, visit: Id) -> Result<Vec<PhotoMark>, StoreError> {
        let (kind, id) = subject_columns(subject);
        let mut statement = self.db.prepare_cached(
            "SELECT address, size, sent, arrived, purged, length(thumbnail), trouble FROM photo
             WHERE subject_kind = ?1 AND subject_id = ?2 AND visit = ?3 ORDER BY id",
        )?;
        let read = |row: &Row<'_>| {
            Ok(PhotoMark {
                address: address(row, 0)?,
                size: row.get(1)?,
                sent: row.get(2)?,
                arrived: row.get(3)?,
                purged: row.get(4)?,
                thumbnail: row.get::<_, usize>(5)? > SubjectKey::SEALED_MORE,
                trouble: row.get(6)?,
            })
        };
        let rows = statement.query_map(params![kind, id, visit.as_bytes()], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What the server lacks of all photos. Costs what waits, however many have arrived.
    pub fn photo_backlog(&self) -> Result<PhotoBacklog, StoreError> {
        let sql = "SELECT count(*), coalesce(sum(size - sent), 0), coalesce(sum(trouble <> ''), 0)
                   FROM photo WHERE arrived = 0";
        let read = |row: &Row<'_>| {
            Ok(PhotoBacklog { photos: row.get(0)?, bytes: row.get(1)?, refused: row.get(2)? })
        };
        Ok(self.db.prepare_cached(sql)?.query_row([], read)?)
    }

    /// How many photos the server lacks.
    pub fn photos_waiting(&self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM photo WHERE arrived = 0";
        Ok(self.db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// The oldest photo that the server lacks and does not refuse.
    pub fn photo_to_send(&self) -> Result<Option<PhotoRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM photo WHERE arrived = 0 AND trouble = '' ORDER BY id LIMIT 1"
        );
        Ok(self.db.prepare_cached(&sql)?.query_row([], |row| read(row, &self.vault)).optional()?)
    }

    /// The photo at this address, if it was taken here.
    pub fn photo(&self, address: &Hash) -> Result<Option<PhotoRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM photo WHERE address = ?1");
        let found = |row: &Row<'_>| read(row, &self.vault);
        Ok(self.db.prepare_cached(&sql)?.query_row([address.as_bytes()], found).optional()?)
    }

    /// A photo's sealed bytes from `at` on, at most `most` of them.
    pub fn photo_bytes(&self, row: &PhotoRow, at: u64, most: usize) -> Result<Vec<u8>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT at, bytes FROM photo_part WHERE photo = ?1 AND at > ?2 AND at < ?3 ORDER BY at",
        )?;
        let end = at.saturating_add(most as u64).min(row.size);
        // The part that holds `at` begins less than a part's length before it.
        let first = i64::try_from(at).unwrap_or(i64::MAX).saturating_sub(PART as i64);
        let mut rows = statement.query(params![row.row, first, end])?;
        let mut found = Vec::with_capacity(end.saturating_sub(at) as usize);
        while let Some(columns) = rows.next()? {
            let begins: u64 = columns.get(0)?;
            let bytes = columns.get_ref(1)?.as_blob().unwrap_or_default();
            let skip = at.saturating_sub(begins) as usize;
            let take = end.saturating_sub(begins) as usize;
            found.extend_from_slice(bytes.get(skip..take.min(bytes.len())).unwrap_or_default());
        }
        Ok(found)
    }

    /// The sealed thumbnail of a photo.
    pub fn thumbnail(&self, row: &PhotoRow) -> Result<Vec<u8>, StoreError> {
        let sql = "SELECT thumbnail FROM photo WHERE id = ?1";
        Ok(self.db.prepare_cached(sql)?.query_row([row.row], |row| row.get(0))?)
    }
}

impl Transaction<'_> {
    /// Keeps a photo that was taken.
    pub fn add_photo(
        &self,
        photo: &PhotoRow,
        key: &SubjectKey,
        bytes: &[u8],
        thumbnail: &[u8],
    ) -> Result<(), StoreError> {
        let (kind, id) = subject_columns(&photo.subject);
        self.prepare_cached(
            "INSERT INTO photo
             (address, subject_kind, subject_id, visit, action, key, size, thumbnail)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            photo.address.as_bytes(),
            kind,
            id,
            photo.visit.as_bytes(),
            photo.action.as_bytes(),
            self.vault.seal(Place::Photo(photo.subject, photo.action), key)?,
            photo.size,
            thumbnail,
        ])?;
        let row = self.last_insert_rowid();
        let mut part =
            self.prepare_cached("INSERT INTO photo_part (photo, at, bytes) VALUES (?1, ?2, ?3)")?;
        for (at, bytes) in bytes.chunks(PART).enumerate() {
            part.execute(params![row, (at * PART) as u64, bytes])?;
        }
        Ok(())
    }

    /// The server keeps so much of a photo.
    pub fn set_photo_sent(
        &self,
        address: &Hash,
        sent: u64,
        arrived: bool,
    ) -> Result<(), StoreError> {
        self.prepare_cached(
            "UPDATE photo SET sent = min(?2, size), arrived = ?3, trouble = '' WHERE address = ?1",
        )?
        .execute(params![address.as_bytes(), sent, arrived])?;
        Ok(())
    }

    /// The server doesn't take it, for this reason.
    pub fn set_photo_trouble(&self, address: &Hash, why: &str) -> Result<(), StoreError> {
        self.prepare_cached("UPDATE photo SET trouble = ?2 WHERE address = ?1")?
            .execute(params![address.as_bytes(), why])?;
        Ok(())
    }

    /// Photos that were refused are tried again.
    pub fn retry_photos(&self) -> Result<(), StoreError> {
        self.prepare_cached("UPDATE photo SET trouble = '' WHERE arrived = 0 AND trouble <> ''")?
            .execute([])?;
        Ok(())
    }

    /// What a subject's photos show is erased here: bytes, keys, and small pictures.
    pub fn drop_photos(&self, subject: &Subject) -> Result<(), StoreError> {
        let (kind, id) = subject_columns(subject);
        for sql in [
            "DELETE FROM photo_part WHERE photo IN
                 (SELECT id FROM photo WHERE subject_kind = ?1 AND subject_id = ?2)",
            "DELETE FROM photo WHERE subject_kind = ?1 AND subject_id = ?2",
        ] {
            self.prepare_cached(sql)?.execute(params![kind, id])?;
        }
        Ok(())
    }

    /// What one photo of a subject shows is erased here: bytes, key, and small picture.
    pub fn drop_photo(&self, subject: &Subject, address: &Hash) -> Result<(), StoreError> {
        let (kind, id) = subject_columns(subject);
        for sql in [
            "DELETE FROM photo_part WHERE photo IN (SELECT id FROM photo
                 WHERE subject_kind = ?1 AND subject_id = ?2 AND address = ?3)",
            "DELETE FROM photo WHERE subject_kind = ?1 AND subject_id = ?2 AND address = ?3",
        ] {
            self.prepare_cached(sql)?.execute(params![kind, id, address.as_bytes()])?;
        }
        Ok(())
    }

    /// The server lost what it had: every photo whose bytes are here is offered again.
    pub fn offer_photos_again(&self) -> Result<(), StoreError> {
        self.prepare_cached(
            "UPDATE photo SET sent = 0, arrived = 0, safe = 0, trouble = '' WHERE purged = 0",
        )?
        .execute([])?;
        Ok(())
    }
}
