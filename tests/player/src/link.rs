//! The network between one phone and the server: a proxy on loopback that fails on purpose.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::scenario::{Imposter, Network};

/// Bytes that pass at once.
const CHUNK: usize = 4 * 1024;

/// How many bytes may still pass; without a number, any.
#[derive(Debug, Clone, Default)]
struct Left(Arc<Mutex<Option<u64>>>);

/// A network, and what is left of all it carries before it goes off.
type State = (Network, Left);

/// One phone's network.
pub(crate) struct Link {
    state: watch::Sender<State>,
    pub(crate) address: SocketAddr,
}

impl Link {
    /// A link to the server at `server`. Runs on the current runtime until it is dropped.
    pub(crate) async fn new(server: SocketAddr) -> std::io::Result<Link> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (state, watched) = watch::channel(State::default());
        tokio::spawn(accept(listener, server, watched));
        Ok(Link { state, address })
    }

    /// Changes the network. Connections under way are cut: they belong to the old one.
    pub(crate) fn set(&self, network: Network) {
        self.state.send_replace((network, Left::new(network.off_after_bytes)));
    }

    /// Cuts connections under way; the network stays as it is.
    pub(crate) fn cut(&self) {
        self.state.send_modify(|_| {});
    }

    pub(crate) fn is_off(&self) -> bool {
        off(&self.state.borrow())
    }
}

fn off((network, left): &State) -> bool {
    network.off || left.is_none()
}

async fn accept(listener: TcpListener, server: SocketAddr, mut state: watch::Receiver<State>) {
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            changed = state.changed() => match changed {
                Ok(()) => continue,
                // The link is gone.
                Err(_) => return,
            },
        };
        let Ok((stream, _)) = stream else { continue };
        let now = state.borrow_and_update().clone();
        if off(&now) {
            // Closed unanswered: to the phone, nobody is there.
            continue;
        }
        let mut changed = state.clone();
        let watched = state.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = serve(stream, server, now, &watched) => {}
                _ = changed.changed() => {}
            }
        });
    }
}

async fn serve(
    phone: TcpStream,
    server: SocketAddr,
    (network, left): State,
    changed: &watch::Receiver<State>,
) {
    match network.imposter {
        None => carry(phone, server, network, left, changed).await,
        Some(imposter) => pretend(phone, imposter).await,
    }
}

/// Answers in the server's place.
async fn pretend(mut phone: TcpStream, imposter: Imposter) {
    let mut request = [0; CHUNK];
    if phone.read(&mut request).await.is_err() {
        return;
    }
    let answer: &[u8] = match imposter {
        Imposter::Portal => {
            b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 22\r\n\r\n<h1>Pay for Wi-Fi</h1>"
        }
        Imposter::Garbage => b"\x16\x03\x01\x00 what is this\r\n\r\n",
        Imposter::Error => {
            b"HTTP/1.1 500 Oops\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<h1>Oops</h1>"
        }
        Imposter::Half => {
            b"HTTP/1.1 200 OK\r\ncontent-type: application/cose\r\ncontent-length: 999\r\n\r\n\xd2\x84"
        }
        Imposter::Nothing => b"",
        Imposter::Busy => {
            b"HTTP/1.1 503 Busy\r\nretry-after: 90\r\ncontent-length: 0\r\n\r\n"
        }
    };
    let _ = phone.write_all(answer).await;
    let _ = phone.shutdown().await;
    // Bytes left unread would make the farewell a reset, and the answer might be lost with it.
    let drain = async { while matches!(phone.read(&mut request).await, Ok(1..)) {} };
    let _ = tokio::time::timeout(Duration::from_secs(1), drain).await;
}

async fn carry(
    phone: TcpStream,
    server: SocketAddr,
    network: Network,
    all: Left,
    changed: &watch::Receiver<State>,
) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    let _ = (phone.set_nodelay(true), server.set_nodelay(true));
    let (phone_in, phone_out) = phone.into_split();
    let (server_in, server_out) = server.into_split();
    let left = [Left::new(network.cut_after_bytes), all];
    tokio::select! {
        () = pump(phone_in, server_out, network, &left, changed) => {}
        () = pump(server_in, phone_out, network, &left, changed) => {}
    }
}

/// Carries bytes one way until the end, until the connection's bytes or the link's are used up, or until the network
/// is another: what is sent after that must not pass, even where nobody has cut the connection yet.
async fn pump(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    network: Network,
    left: &[Left; 2],
    changed: &watch::Receiver<State>,
) {
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = match from.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(read) => read,
        };
        if changed.has_changed().unwrap_or(true) {
            return;
        }
        let pass = left.iter().fold(read, |pass, left| left.take(pass));
        let mut wait = network.delay_ms;
        if let Some(rate) = network.bytes_per_second {
            wait += pass as u64 * 1_000 / rate.max(1);
        }
        if wait > 0 {
            tokio::time::sleep(Duration::from_millis(wait)).await;
        }
        if to.write_all(&chunk[..pass]).await.is_err() || pass < read {
            return;
        }
    }
}

impl Left {
    fn new(bytes: Option<u64>) -> Left {
        Left(Arc::new(Mutex::new(bytes)))
    }

    fn is_none(&self) -> bool {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) == Some(0)
    }

    /// How many of `wanted` bytes may still pass.
    fn take(&self, wanted: usize) -> usize {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match left.as_mut() {
            None => wanted,
            Some(left) => {
                let pass = (*left).min(wanted as u64);
                *left -= pass;
                pass as usize
            }
        }
    }
}
