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
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
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
