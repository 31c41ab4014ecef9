//! A real PostgreSQL on loopback, for as long as the test program runs.
//!
//! The first [`database`] makes a cluster in a directory of its own and starts it; later ones make
//! further databases in it. A small shell holds the cluster and reads from a pipe whose other end is
//! this process: however the process ends (done, panicked, killed), the pipe closes, and the shell
//! stops the cluster and removes the directory. Nothing outside that directory is touched.
//!
//! PostgreSQL refuses to run as root; as root, the cluster runs as `postgres`, or else `nobody`.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

const USER: &str = "doorstep";
const PASSWORD: &str = "only-for-this-test";

/// Starts the cluster and then waits for the pipe to close.
const KEEPER: &str = r#"
"$AS" "$BIN/pg_ctl" -D "$DIR/data" -l "$DIR/log" -w -t 60 -o "$OPTIONS" start >/dev/null 2>&1 </dev/null
echo "$?"
read -r _
"$AS" "$BIN/pg_ctl" -D "$DIR/data" -m immediate stop >/dev/null 2>&1
rm -rf "$DIR"
"#;

/// Becomes another user first where that is needed.
const AS: &str = r#"#!/bin/sh
if [ "$(id -u)" = 0 ]; then
  user=nobody
  if id postgres >/dev/null 2>&1; then user=postgres; fi
  exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups "$@"
fi
exec "$@"
"#;

/// A database of its own, empty; it lasts as long as the test program.
#[derive(Debug, Clone)]
pub struct Database {
    /// Its URL, with user and password.
    pub url: String,
}

struct Cluster {
    bin: PathBuf,
    port: u16,
    // Closes its pipe when the process ends.
    _keeper: Child,
}

/// Makes a database. Panics, and says what is missing, where there is no PostgreSQL.
pub fn database() -> Database {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let cluster = CLUSTER.get_or_init(Cluster::start);
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::SeqCst));
    cluster.psql("postgres", &format!("CREATE DATABASE {name}"));
    Database { url: cluster.url(&name) }
}

impl Database {
    /// Runs SQL by `psql`, behind the back of whoever uses the database; gives what it prints.
    pub fn psql(&self, sql: &str) -> String {
        psql(&bin(), &self.url, sql)
    }
}

impl Cluster {
    fn start() -> Cluster {
        let bin = bin();
        // A port that was free may be taken a moment later.
        for _ in 0..5 {
            if let Some(cluster) = Cluster::try_start(&bin) {
                return cluster;
            }
        }
        panic!("PostgreSQL did not start; run its tests again, or look at {}", bin.display());
    }

    fn try_start(bin: &Path) -> Option<Cluster> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let name = format!("doorstep-postgres-{}-{number}", std::process::id());
        let directory = env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir(&directory).expect("the temporary directory can be written");
        let (by, password) = (directory.join("as"), directory.join("password"));
        fs::write(&by, AS).expect("the temporary directory can be written");
        fs::write(&password, PASSWORD).expect("the temporary directory can be written");
        let data = directory.join("data");
        let give = r#"chmod 755 "$0" "$1"; if [ "$(id -u)" = 0 ]; then
            user=nobody; if id postgres >/dev/null 2>&1; then user=postgres; fi
            chown -R "$user" "$0"; fi"#;
        run(Command::new("sh").args(["-c", give]).arg(&directory).arg(&by));
        run(Command::new(&by).arg(bin.join("initdb")).arg("-D").arg(&data).args([
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
            "--auth=scram-sha-256",
            "--username",
            USER,
            "--pwfile",
            &password.to_string_lossy(),
        ]));
        let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let port = free.expect("loopback has a free port").port();
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= \
             -c max_connections=200 -c fsync=off"
        );
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER])
            .env("AS", &by)
            .env("BIN", bin)
            .env("DIR", &directory)
            .env("OPTIONS", options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell can be started");
        let mut line = String::new();
        let said = keeper.stdout.take().expect("its output is piped");
        BufReader::new(said).read_line(&mut line).expect("the shell says how it went");
        if line.trim() == "0" {
            return Some(Cluster { bin: bin.to_owned(), port, _keeper: keeper });
        }
        let log = fs::read_to_string(directory.join("log")).unwrap_or_default();
        drop(keeper.stdin.take());
        let _ = keeper.wait();
        // Not a failure yet: another port may do.
        let _ = writeln!(std::io::stderr(), "PostgreSQL did not start:\n{log}");
        None
    }

    fn url(&self, name: &str) -> String {
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{}/{name}", self.port)
    }

    fn psql(&self, name: &str, sql: &str) -> String {
        psql(&self.bin, &self.url(name), sql)
    }
}

fn psql(bin: &Path, url: &str, sql: &str) -> String {
    let mut command = Command::new(bin.join("psql"));
    let output =
        run(command.args(["-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", url, "-c", sql]));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn run(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed:\n{said}");
    output
}

/// Where PostgreSQL's programs stand: the newest that Debian installed, or on the search path.
fn bin() -> PathBuf {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<_> = installed
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path())))
        .collect();
    versions.sort();
    let on_path = env::var_os("PATH").unwrap_or_default();
    let found = versions
        .into_iter()
        .rev()
        .map(|(_, path)| path.join("bin"))
        .chain(env::split_paths(&on_path))
        .find(|bin| ["initdb", "pg_ctl", "psql"].iter().all(|name| bin.join(name).is_file()));
    found.expect(
        "PostgreSQL is not installed: these tests run against a real one. On Debian: \
         apt-get install postgresql",
    )
}
