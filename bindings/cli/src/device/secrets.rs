//! Where a phone that is a process keeps its keys: a file beside the database that only its owner
//! may read. A real phone has a keystore for it.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use doorstep::engine::SecretStore;

/// Keys in a file.
pub(crate) struct FileSecrets(PathBuf);

impl FileSecrets {
    /// The keys beside the database at `db`.
    pub(crate) fn beside(db: &Path) -> FileSecrets {
        let mut path = db.to_owned().into_os_string();
        path.push(".keys");
        FileSecrets(path.into())
    }

    fn replace(&self, secret: &[u8]) -> io::Result<()> {
        let new = self.0.with_extension("keys-new");
        // One left by a power loss, or put there by somebody who may read it, is never written into.
        match std::fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&new)?;
        file.write_all(secret)?;
        file.sync_all()?;
        std::fs::rename(&new, &self.0)?;
        let parent = self.0.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl SecretStore for FileSecrets {
    fn load(&self) -> Result<Option<Vec<u8>>, String> {
        match std::fs::read(&self.0) {
            Ok(secret) => Ok(Some(secret)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    fn keep(&mut self, secret: &[u8]) -> Result<(), String> {
        self.replace(secret).map_err(|error| error.to_string())
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)] // A test that fails to set up has failed.
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_that_lies_in_the_way_and_everybody_reads_never_holds_the_keys() {
        let folder = std::env::temp_dir().join(format!("doorstep-keys-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut secrets = FileSecrets::beside(&folder.join("mei.db"));
        let stale = secrets.0.with_extension("keys-new");
        std::fs::write(&stale, b"stale").unwrap();
        std::fs::set_permissions(&stale, std::fs::Permissions::from_mode(0o644)).unwrap();
        secrets.keep(b"Mei's keys").unwrap();
        assert_eq!(secrets.load().unwrap().unwrap(), b"Mei's keys");
        let mode = std::fs::metadata(&secrets.0).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(!stale.exists());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
