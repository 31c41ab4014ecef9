//! The check by somebody else: the Python script that shares no code with Doorstep, where it can
//! be run.

use std::{path::PathBuf, process::Command};

use crate::phone::Refusal;

/// How the check by the script ended.
pub(crate) enum Outside {
    /// It says that it holds; its last word.
    Holds(String),
    /// It says that it does not hold.
    Refused(String),
    /// It was not run; why.
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

/// Runs `tests/vectors/verify.py` with `arguments`, in the Python that `python.sh` beside it
/// prepares on first use.
pub(crate) fn verify(arguments: &[&str], key: &[u8; 32]) -> Outside {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let python = match Command::new(folder.join("python.sh")).output() {
        Ok(found) if found.status.success() => text(&found.stdout),
        Ok(found) => return Outside::NotRun(text(&found.stderr)),
        Err(error) => return Outside::NotRun(format!("tests/vectors/python.sh: {error}")),
    };
    let run = Command::new(python)
        .arg("-B")
        .arg(folder.join("verify.py"))
        .args(arguments)
        .arg("--key")
        .arg(data_encoding::HEXLOWER.encode(key))
        .output();
    match run {
        Err(error) => Outside::NotRun(error.to_string()),
        Ok(run) if run.status.success() => {
            let out = text(&run.stdout);
            let verdict = out.lines().rfind(|line| line.starts_with("holds"));
            Outside::Holds(verdict.unwrap_or_default().to_owned())
        }
        Ok(run) => {
            let told = format!("{}{}", text(&run.stdout), text(&run.stderr));
            Outside::Refused(format!("{told} ({})", run.status))
        }
    }
}
