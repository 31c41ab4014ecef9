//! `doorstep serve`: the server as a process of its own.

use std::{ffi::OsString, net::SocketAddr, path::PathBuf, sync::Arc};

use clap::Args;
use doorstep::{
    base::Zone,
    money::PriceList,
    standard::{Calendar, SHIPPED_PROFILE, SHIPPED_STANDARDS, ServicePromises},
    sync::Company,
};
use doorstep_server::{
    Database, DiskKeyFile, OsEntropy, Parts, Server, Settings, SystemClock, rules, serve_tls,
};

/// What a server is started with.
#[derive(Args)]
pub(crate) struct Options {
    /// The database: a file, made if it isn't there, or a PostgreSQL database by its URL
    /// (`postgres://user@host/name`), which several servers may share.
    #[arg(long)]
    db: OsString,
    /// The file with the company's keys, made if it isn't there. Left out, it stands beside the
    /// database file. Servers that share a database need the same.
    #[arg(long)]
    keys: Option<PathBuf>,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8077")]
    listen: SocketAddr,
    /// Speak TLS under the company's key; otherwise in the clear, for loopback or behind a proxy.
    #[arg(long)]
    tls: bool,
    /// Publish the shipped standards and the example price list, so that orders can be opened.
    #[arg(long)]
    init: bool,
    /// The database was restored from a backup: begin a new epoch, so that every phone offers again
    /// all it holds. Once, at the first start after the restore.
    #[arg(long)]
    restored: bool,
    /// The company, as receipts name it.
    #[arg(long, default_value = "")]
    company: String,
    /// Its licence number.
    #[arg(long, default_value = "")]
    licence: String,
    /// Its hot-line.
    #[arg(long, default_value = "")]
    hotline: String,
    /// The district that new devices are enrolled for.
    #[arg(long, default_value = "")]
    district: String,
    /// Hours that a photo may take to arrive before it counts as missing.
    #[arg(long, default_value_t = 72)]
    photo_hours: u32,
    /// Megabytes of photos that one phone may send in a day.
    #[arg(long, default_value_t = 1024)]
    photo_megabytes: u32,
    /// The office's zone, in minutes east of UTC.
    #[arg(long, default_value_t = 480, allow_hyphen_values = true)]
    zone: i16,
    /// What the office promises, as a file; what ships, if left out.
    #[arg(long)]
    promises: Option<PathBuf>,
    /// Holidays and make-up working days, as a file; what ships, if left out.
    #[arg(long)]
    calendar: Option<PathBuf>,
}

/// Serves until it is told to stop; requests under way are finished. Prints where it listens, and at the first start the code that
/// makes the first account.
pub(crate) fn serve(options: Options) -> Result<(), String> {
    let company =
        Company { name: options.company, licence: options.licence, hotline: options.hotline };
    let mut settings = Settings {
        company,
        district: options.district,
        zone: Zone(options.zone),
        photo_window_ms: i64::from(options.photo_hours) * 60 * 60 * 1_000,
        photo_quota_bytes: u64::from(options.photo_megabytes) * 1024 * 1024,
        ..Settings::default()
    };
    if let Some(file) = &options.promises {
        settings.promises = Arc::new(crate::standard::loaded(file, ServicePromises::load)?);
    }
    if let Some(file) = &options.calendar {
        settings.calendar = Arc::new(crate::standard::loaded(file, Calendar::load)?);
    }
    let database = Database::named(&options.db);
    let keys = match (options.keys, database) {
        (Some(keys), _) => keys,
        (None, Database::File(path) | Database::FileOn(path, _)) => {
            let mut keys = path.as_os_str().to_owned();
            keys.push(".keys");
            keys.into()
        }
        (None, Database::Postgres(_)) => {
            return Err("say with --keys where the file with the company's keys stands".to_owned());
        }
    };
    let opened = Server::open(Parts {
        database,
        keys: &DiskKeyFile::new(keys),
        clock: Arc::new(SystemClock),
        entropy: Box::new(OsEntropy),
        settings,
    })
    .map_err(|error| error.to_string())?;
    if options.init {
        publish_shipped(&opened.server)?;
    }
    if options.restored {
        let epoch = opened.server.begin_epoch().map_err(|problem| problem.message)?;
        println!("epoch {epoch}");
    }
    println!("company key {}", data_encoding::HEXLOWER.encode(&opened.server.company_key()));
    if let Some(code) = &opened.bootstrap {
        println!("bootstrap code {code} (makes the first account, a supervisor's)");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(run(options.listen, options.tls, opened.server))
}

async fn run(listen: SocketAddr, tls: bool, server: Arc<Server>) -> Result<(), String> {
    let listener = tokio::net::TcpListener::bind(listen)
        .await
        .map_err(|error| format!("cannot listen on {listen}: {error}"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    println!("listening on http{}://{address}", if tls { "s" } else { "" });
    let shutdown = told_to_stop();
    if tls {
        serve_tls(listener, server, shutdown).await.map_err(|error| error.to_string())
    } else {
        let served = doorstep_server::serve(listener, server, shutdown).await;
        served.map_err(|error| error.to_string())
    }
}

/// Ready once a person (Ctrl-C) or the machine (SIGTERM) wants the server to stop. Where no signal can
/// be heard there is still SIGKILL: the store survives either.
async fn told_to_stop() {
    let by_person = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let by_machine = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let by_machine = std::future::pending::<()>();
    tokio::select! {
        () = by_person => (),
        _ = by_machine => (),
    }
}

/// Publishes what ships; the very same again changes nothing.
fn publish_shipped(server: &Server) -> Result<(), String> {
    let standards = SHIPPED_STANDARDS.iter().filter_map(|file| {
        let standard = doorstep::standard::Standard::load(file.text).ok()?;
        Some((format!("standard/{}", standard.id()), file.text))
    });
    let list = ("price-list".to_owned(), PriceList::example_text());
    let profile = ("profile".to_owned(), SHIPPED_PROFILE.text);
    for (key, text) in standards.chain([list, profile]) {
        let input = rules::StandingInput { key, text: text.to_owned() };
        server
            .run(|tx, ctx| rules::publish(tx, ctx, &input))
            .map_err(|problem| format!("{}: {}", problem.message, problem.what_to_do))?;
    }
    Ok(())
}
