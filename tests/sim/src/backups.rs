//! Nights: the server's backups, and going back to one.

use std::path::Path;

use doorstep_fault_vfs::FaultDisk;
use doorstep_server::{BackupError, Clock, Database, check_backup, rules};

use crate::office::{Called, FILE, Office};

impl Office {
    /// Copies the server's file while nobody writes, looks at the copy, and marks what it covers. What
    /// phones may rely on from then on is kept, also where marking broke off. `Err`: what the copy
    /// holds does not hold, which no fault of a disk can bring about.
    pub(crate) fn back_up(&mut self) -> Result<&'static str, String> {
        self.kill();
        self.disk.power_on();
        self.openings += 1;
        let copy = FaultDisk::new(self.seed << 16 | self.openings);
        for name in self.disk.files() {
            if let Some(content) = self.disk.content(&name) {
                copy.put(&name, &content);
            }
        }
        let now = self.clock.now();
        let checked = check_backup(
            Database::FileOn(Path::new(FILE), self.disk.vfs_name()),
            Database::FileOn(Path::new(FILE), copy.vfs_name()),
            now,
        );
        let said = match checked {
            Ok(_) => "backed up",
            Err(BackupError::Open(_) | BackupError::Store(_)) if self.armed => "marked in part",
            Err(error) => return Err(error.to_string()),
        };
        self.backup = Some(copy);
        Ok(said)
    }

    /// Puts the last backup in the place of the server's disk. Says whether there was one.
    pub(crate) fn restore(&mut self) -> bool {
        self.kill();
        self.openings += 1;
        let Some(backup) = &self.backup else { return false };
        let disk = FaultDisk::new(self.seed << 16 | self.openings);
        for name in backup.files() {
            if let Some(content) = backup.content(&name) {
                disk.put(&name, &content);
            }
        }
        (self.disk, self.armed) = (disk, false);
        true
    }

    /// The operator says that the server was restored.
    pub(crate) fn begin_epoch(&mut self) -> Called<u64> {
        self.unaware = None;
        self.run(|tx, ctx| Ok(rules::begin_epoch(tx, ctx)?))
    }

    /// Nobody says that it was: people at the office write nothing before it found out by itself, as
    /// `docs/backup.md` asks of them.
    pub(crate) fn say_nothing(&mut self) {
        self.unaware = self.epoch().ok();
    }

    /// Whether people at the office may write.
    pub(crate) fn may_write(&mut self) -> bool {
        if self.unaware.is_some() && self.epoch().is_ok_and(|epoch| self.unaware != Some(epoch)) {
            self.unaware = None;
        }
        self.unaware.is_none()
    }

    fn epoch(&mut self) -> Called<u64> {
        self.run(|_, ctx| Ok(ctx.epoch))
    }
}
