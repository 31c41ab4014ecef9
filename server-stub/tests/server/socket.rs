//! Over a real socket: in the clear, and with TLS under the company's pinned key.

use std::net::SocketAddr;

use doorstep::{log::DeviceKeys, sync::StreamOutcome};
use doorstep_server::{serve, serve_tls};
use doorstep_transport::{Patience, Reply, Tls, Transport, TransportError};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

use crate::world::{Counter, MINUTE, World, id};

const HEALTH: &[u8] = b"GET /v1/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

/// What a pinned client hears. Posting nothing to enrol is refused, in words: the server is there.
async fn heard(address: SocketAddr, key: [u8; 32]) -> Result<Reply, TransportError> {
    let transport = Transport::new(&format!("https://{address}"), &Tls::pinned(key)).unwrap();
    transport.post("/v1/enrol", "application/cose", Vec::new(), Patience::default()).await
}

pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) stop: oneshot::Sender<()>,
    pub(crate) ended: JoinHandle<()>,
}

async fn start(world: &World, tls: bool) -> Running {
    start_at(world, tls, "127.0.0.1:0".parse().unwrap()).await
}

pub(crate) async fn start_at(world: &World, tls: bool, address: SocketAddr) -> Running {
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let shutdown = async {
        let _ = stopped.await;
    };
    let server = world.server.clone();
    let ended = tokio::spawn(async move {
        if tls {
            serve_tls(listener, server, shutdown).await.unwrap();
        } else {
            serve(listener, server, shutdown).await.unwrap();
        }
    });
    Running { address, stop, ended }
}

async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> String {
    stream.write_all(HEALTH).await.unwrap();
    let mut answer = Vec::new();
    // A peer that closes without a farewell has still answered.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_server_in_the_clear_answers_and_stops_when_told() {
    let world = World::bare();
    let running = start(&world, false).await;
    let answer = ask(TcpStream::connect(running.address).await.unwrap()).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(r#""status":"ok""#), "{answer}");
    running.stop.send(()).unwrap();
    running.ended.await.unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn tls_is_vouched_for_by_the_company_key_and_by_no_other() {
    let world = World::bare();
    let running = start(&world, true).await;
    let refused = heard(running.address, world.server.company_key()).await.unwrap_err();
    assert!(refused.problem().is_some(), "{refused}");
    let stranger = DeviceKeys::generate(&mut Counter(77)).public().signing;
    let unheard = heard(running.address, stranger).await.unwrap_err();
    assert!(unheard.problem().is_none(), "{unheard}");
    running.stop.send(()).unwrap();
    running.ended.await.unwrap();
}

#[tokio::test]
async fn a_client_that_hangs_up_or_speaks_no_tls_harms_nobody() {
    let world = World::bare();
    let running = start(&world, true).await;
    let mut clear = TcpStream::connect(running.address).await.unwrap();
    clear.write_all(HEALTH).await.unwrap();
    let mut rest = Vec::new();
    let _ = clear.read_to_end(&mut rest).await;
    assert!(!rest.starts_with(b"HTTP"), "it is not answered in the clear");
    drop(TcpStream::connect(running.address).await.unwrap());
    let refused = heard(running.address, world.server.company_key()).await.unwrap_err();
    assert!(refused.problem().is_some(), "{refused}");
    running.stop.send(()).unwrap();
    running.ended.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_whose_clock_is_a_year_off_exchanges_over_tls_and_is_dated_right() {
    const YEAR: i64 = 365 * 24 * 60 * MINUTE;
    let world = World::new().await;
    let running = start(&world, true).await;
    let tls = Tls::pinned(world.server.company_key());
    let transport = Transport::new(&format!("https://{}", running.address), &tls).unwrap();
    for (name, off) in [("Mei", -YEAR), ("Wu", YEAR)] {
        let mut phone = world.phone(name).await;
        let order = world.order(&format!("{name}'s"), name).await;
        phone.exchange(&world).await;
        phone.clock_off_ms = off;
        phone.visit(order, &format!("{name}'s visit"));
        let visited = world.now();
        world.pass(MINUTE);
        phone.now = world.now();
        let tails = phone.unsent_tails();
        let request = phone.request(tails);
        let packet = phone.packet(&request);
        let reply =
            transport.post("/v1/exchange", "application/cose", packet.clone(), Patience::default());
        let answer = phone.open(&packet, &reply.await.unwrap().body);
        assert_eq!(answer.results[0].outcome, StreamOutcome::Accepted(2));
        phone.take(&answer);
        phone.exchange(&world).await;
        let state = phone.fold(order);
        assert_eq!(state.visits[&id(&format!("{name}'s visit"))].started_at, visited);
    }
    running.stop.send(()).unwrap();
    running.ended.await.unwrap();
}
