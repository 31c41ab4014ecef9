//! One phone: a real child process with its file, killed and started again as the scenario says.

use std::{
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use doorstep::base::{ClockReading, Id, Instant, Lang, Zone};
use serde_json::{Value, json};

use crate::link::Link;

/// A refusal in the phone's words.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) kind: String,
    pub(crate) message: String,
    /// What the person is told, by language, where the phone says it.
    words: Value,
}

impl Refusal {
    pub(crate) fn new(kind: &str, message: impl ToString) -> Refusal {
        Refusal { kind: kind.to_owned(), message: message.to_string(), words: Value::Null }
    }

    /// What the person is told; the cause where nothing is.
    pub(crate) fn told(&self, lang: Lang) -> &str {
        self.words[lang.tag()].as_str().unwrap_or(&self.message)
    }
}

struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// A phone, running or not.
pub(crate) struct Phone {
    program: PathBuf,
    directory: PathBuf,
    process: Option<Process>,
    requests: u64,
    pub(crate) link: Link,
    /// Whether the network it has is metered.
    pub(crate) metered: bool,
    /// What its wall clock is ahead of the true time.
    pub(crate) offset: i64,
    zone: Zone,
    boot: Id,
    boots: u64,
    booted_at: Instant,
    /// Its id as a writer, once enrolled.
    pub(crate) device: Option<String>,
    /// The last trouble of an exchange.
    pub(crate) trouble: Option<String>,
}

const FILE: &str = "phone.db";

impl Phone {
    pub(crate) fn new(
        program: &Path,
        directory: PathBuf,
        link: Link,
        offset: i64,
        zone: Zone,
        now: Instant,
    ) -> io::Result<Phone> {
        std::fs::create_dir_all(&directory)?;
        let mut phone = Phone {
            program: program.to_owned(),
            directory,
            process: None,
            requests: 0,
            link,
            offset,
            zone,
            boot: Id::default(),
            boots: 0,
            booted_at: now,
            device: None,
            trouble: None,
            metered: false,
        };
        phone.reboot(now)?;
        Ok(phone)
    }

    /// Switches the phone off and on: its process starts anew, and so does its uptime.
    pub(crate) fn reboot(&mut self, now: Instant) -> io::Result<()> {
        self.kill()?;
        self.boots += 1;
        let name = format!("{}{}", self.directory.display(), self.boots);
        self.boot = Id::from_hash(&doorstep::base::Hash::of(&[name.as_bytes()]));
        // A phone is up for a while before anybody looks at it.
        self.booted_at = now.plus_ms(-30_000);
        self.start()
    }

    /// Starts the process, if it isn't running.
    pub(crate) fn start(&mut self) -> io::Result<()> {
        if self.process.is_some() {
            return Ok(());
        }
        let mut child = Command::new(&self.program)
            .arg("device")
            .arg("--db")
            .arg(self.directory.join(FILE))
            .arg("--server")
            .arg(format!("http://{}", self.link.address))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let piped = |what| io::Error::other(format!("the phone has no {what}"));
        let input = child.stdin.take().ok_or_else(|| piped("input"))?;
        let output = child.stdout.take().ok_or_else(|| piped("output"))?;
        self.process = Some(Process { child, input, output: BufReader::new(output) });
        Ok(())
    }

    /// SIGKILL: the process gets no chance to tidy up.
    pub(crate) fn kill(&mut self) -> io::Result<()> {
        if let Some(mut process) = self.process.take() {
            process.child.kill()?;
            process.child.wait()?;
        }
        Ok(())
    }

    pub(crate) fn is_running(&self) -> bool {
        self.process.is_some()
    }

    /// What the phone's clock says.
    pub(crate) fn clock(&self, now: Instant) -> ClockReading {
        ClockReading {
            wall: now.plus_ms(self.offset),
            zone: self.zone,
            boot: self.boot,
            since_boot_ms: u64::try_from(now.since(self.booted_at)).unwrap_or(0),
        }
    }

    /// Asks the phone and waits for its answer.
    pub(crate) fn ask(&mut self, now: Instant, request: Value) -> Result<Value, Refusal> {
        let (id, line) = self.line(now, request);
        let Some(process) = &mut self.process else {
            let message = "the phone's process is not running: `restart` it first";
            return Err(Refusal::new("not_running", message));
        };
        let gone = |error: io::Error| {
            Refusal::new("crashed", format!("the phone's process ended: {error}"))
        };
        writeln!(process.input, "{line}").and_then(|()| process.input.flush()).map_err(gone)?;
        let mut answer = String::new();
        let read = process.output.read_line(&mut answer).map_err(gone)?;
        if read == 0 {
            self.process = None;
            return Err(Refusal::new("crashed", "the phone's process ended without an answer"));
        }
        let mut answer: Value =
            serde_json::from_str(&answer).map_err(|error| Refusal::new("crashed", error))?;
        if answer["id"] != id {
            return Err(Refusal::new("crashed", "the phone answered something else"));
        }
        match answer.get("error") {
            None => Ok(answer["ok"].take()),
            Some(error) => {
                let text = |key: &str| error[key].as_str().unwrap_or("").to_owned();
                let words = error["words"].clone();
                Err(Refusal { kind: text("kind"), message: text("message"), words })
            }
        }
    }

    /// Asks, and kills the process before it can answer: what it had done is for it to remember.
    pub(crate) fn ask_and_kill(&mut self, now: Instant, request: Value) -> io::Result<()> {
        let (_, line) = self.line(now, request);
        if let Some(process) = &mut self.process {
            writeln!(process.input, "{line}")?;
            process.input.flush()?;
        }
        self.kill()
    }

    fn line(&mut self, now: Instant, mut request: Value) -> (Value, Value) {
        self.requests += 1;
        request["id"] = json!(self.requests);
        request["clock"] = json!(self.clock(now));
        (json!(self.requests), request)
    }

    /// A picture as the phone's camera leaves it: a file.
    pub(crate) fn camera(&self, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
        let folder = self.directory.join("camera");
        std::fs::create_dir_all(&folder)?;
        let file = folder.join(doorstep::base::Hash::of(&[name.as_bytes()]).to_string());
        std::fs::write(&file, bytes)?;
        Ok(file)
    }

    /// Copies the phone's file as it is now, as a backup of the system would.
    pub(crate) fn backup(&self, name: &str) -> io::Result<()> {
        copy_files(&self.directory, &self.directory.join("backups").join(name))
    }

    /// Puts an earlier copy of the file back and starts the phone on it.
    pub(crate) fn restore(&mut self, name: &str) -> io::Result<()> {
        self.kill()?;
        for entry in std::fs::read_dir(&self.directory)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                std::fs::remove_file(entry.path())?;
            }
        }
        copy_files(&self.directory.join("backups").join(name), &self.directory)?;
        self.start()
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// Copies the files of a directory, not its directories.
fn copy_files(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
