//! The check by somebody else: the Python script that shares no code with Doorstep, where it can
//! be run.

use std::{path::PathBuf, process::Command};

use crate::phone::Refusal;

/// How the check by the script ended.
pub(crate) enum Outside {
    /// It says that it holds; its last line.
    Holds(String),
    /// It says that it does not hold.
    Refused(String),
    /// It was not run; how it could be.
    NotRun(String),
}

impl Outside {
    pub(crate) fn into_refusal(self) -> Result<(), Refusal> {
        match self {
            Outside::Refused(why) => Err(Refusal::new("outside", why)),
            Outside::Holds(_) | Outside::NotRun(_) => Ok(()),
        }
    }
}

/// Runs `tests/vectors/verify.py` with `arguments`.
pub(crate) fn verify(arguments: &[&str], key: &[u8; 32]) -> Outside {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let script = root.join("tests/vectors/verify.py");
    let how =
        "python3 tests/vectors/verify.py (first: pip install -r tests/vectors/requirements.txt)";
    if !script.is_file() {
        return Outside::NotRun(how.to_owned());
    }
    let ours = root.join("target/vectors-venv/bin/python");
    let pythons = [ours, PathBuf::from("python3")];
    for python in pythons.iter().filter(|path| !path.is_absolute() || path.is_file()) {
        let run = Command::new(python)
            .arg("-B")
            .arg(&script)
            .args(arguments)
            .arg("--key")
            .arg(data_encoding::HEXLOWER.encode(key))
            .output();
        let Ok(run) = run else { continue };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        match run.status.code() {
            Some(0) => {
                let out = text(&run.stdout);
                let verdict = out.lines().rfind(|line| line.starts_with("holds"));
                return Outside::Holds(verdict.unwrap_or("").to_owned());
            }
            // Its libraries are missing: another Python may have them.
            Some(2) => continue,
            _ => return Outside::Refused(format!("{}{}", text(&run.stdout), text(&run.stderr))),
        }
    }
    Outside::NotRun(how.to_owned())
}
