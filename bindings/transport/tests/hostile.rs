//! Whatever answers, the outcome is typed, and only our server's answer is an answer.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::{sync::Arc, time::Duration};

use doorstep::base::Hash;
use doorstep_server::{
    Database, DiskKeyFile, OsEntropy, Parts, Server, Settings, SystemClock, serve_tls,
};
use doorstep_transport::{Patience, Reply, SetupError, Tls, Transport, TransportError, Trouble};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Longer than anything here takes.
const LONG: Patience =
    Patience { answer: Duration::from_secs(20), silence: Duration::from_secs(20) };

/// Answers one connection with these bytes and closes it.
async fn answering(bytes: impl Into<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let bytes = bytes.into();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        let _ = stream.read(&mut request).await;
        let _ = stream.write_all(&bytes).await;
        let _ = stream.shutdown().await;
    });
    format!("http://{address}")
}

async fn post(url: &str, tls: &Tls) -> Result<Reply, TransportError> {
    let transport = Transport::new(url, tls).unwrap();
    transport.post("/v1/exchange", "application/cose", vec![1, 2, 3], LONG).await
}

async fn trouble(answer: impl Into<Vec<u8>>) -> Trouble {
    post(&answering(answer).await, &Tls::default()).await.unwrap_err().trouble()
}

fn http(status: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}")
}

const PROBLEM: &str = r#"{"code":"c","message":"no","what_to_do":"ask"}"#;

#[tokio::test]
async fn a_packet_from_our_server_is_an_answer() {
    let answer = http("200 OK", "application/cose", "abc");
    let reply = post(&answering(answer).await, &Tls::default()).await.unwrap();
    assert_eq!((reply.status, &reply.body[..]), (200, &b"abc"[..]));
    assert_eq!(reply.content_type, "application/cose");
}

#[tokio::test]
async fn garbage_a_portal_and_half_a_body_are_not_our_server() {
    assert_eq!(trouble("\x16\x03\x01 what is this\r\n\r\n").await, Trouble::NotOurServer);
    let portal = http("200 OK", "text/html", "<html>Welcome to the hotel</html>");
    assert_eq!(trouble(portal).await, Trouble::NotOurServer);
    let proxy = http("500 Oops", "text/html", "<html>down</html>");
    assert_eq!(trouble(proxy).await, Trouble::NotOurServer);
    let half = "HTTP/1.1 200 OK\r\ncontent-type: application/cose\r\ncontent-length: 99\r\n\r\nab";
    assert_eq!(trouble(half).await, Trouble::NotOurServer);
    let lies = http("403 Forbidden", "application/json", "{}");
    assert_eq!(trouble(lies).await, Trouble::NotOurServer);
}

#[tokio::test]
async fn an_answer_without_end_is_cut_at_the_limit() {
    let mut bytes = b"HTTP/1.1 200 OK\r\ncontent-type: application/cose\r\n\r\n".to_vec();
    bytes.resize(bytes.len() + doorstep_transport::MAX_ANSWER_BYTES + 1, 7);
    let error = post(&answering(bytes).await, &Tls::default()).await.unwrap_err();
    assert_eq!(error, TransportError::TooLarge);
}

#[tokio::test]
async fn nothing_and_nobody_are_offline() {
    assert_eq!(trouble("").await, Trouble::Offline);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let silent = Transport::new(&url, &Tls::default()).unwrap();
    let wait = Patience { answer: Duration::from_millis(50), ..LONG };
    let error = silent.post("/", "application/cose", Vec::new(), wait).await.unwrap_err();
    assert_eq!((&error, error.trouble()), (&TransportError::TimedOut, Trouble::Offline));
    drop(listener);
    assert_eq!(post(&url, &Tls::default()).await.unwrap_err().trouble(), Trouble::Offline);
}

#[tokio::test]
async fn a_kept_connection_that_died_is_replaced_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let transport = Transport::new(&url, &Tls::default()).unwrap();
    // Each connection is good for one answer, though none says so.
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(http("200 OK", "application/cose", "a").as_bytes()).await;
            // The next request is read, and not answered.
            let _ = stream.read(&mut request).await;
        }
    });
    for _ in 0..3 {
        let sent = transport.post("/", "application/cose", vec![7], LONG).await;
        assert_eq!(sent.unwrap().body, b"a");
    }
}

#[tokio::test]
async fn the_servers_refusals_say_what_to_do() {
    let json = "application/json";
    assert_eq!(trouble(http("401 Who", json, PROBLEM)).await, Trouble::Refused);
    assert_eq!(trouble(http("403 No", json, PROBLEM)).await, Trouble::Refused);
    assert_eq!(trouble(http("426 Update", json, PROBLEM)).await, Trouble::NeedsNewerApp);
    assert_eq!(trouble(http("500 Oops", json, PROBLEM)).await, Trouble::ServerBusy);
    let busy = "HTTP/1.1 503 Busy\r\nretry-after: 30\r\ncontent-length: 0\r\n\r\n";
    let error = post(&answering(busy).await, &Tls::default()).await.unwrap_err();
    assert_eq!((error.trouble(), error.retry_after_ms()), (Trouble::ServerBusy, Some(30_000)));
    let torn = PROBLEM.replace(r#""c""#, r#""torn""#);
    assert!(torn.contains("torn"), "{torn}");
    assert_eq!(trouble(http("400 Torn", json, &torn)).await, Trouble::Offline, "the same again");
    assert_eq!(trouble(http("400 Bad", json, PROBLEM)).await, Trouble::NeedsNewerApp);
    for far in ["86400", "99999999999999999999"] {
        let busy = format!("HTTP/1.1 503 Busy\r\nretry-after: {far}\r\ncontent-length: 0\r\n\r\n");
        let error = post(&answering(busy).await, &Tls::default()).await.unwrap_err();
        assert_eq!(error.retry_after_ms(), Some(3_600_000), "an hour at most");
    }
    let refused = answering(http("409 Twice", json, PROBLEM)).await;
    let error = post(&refused, &Tls::default()).await.unwrap_err();
    assert_eq!(error.problem().unwrap().code, "c");
}

#[tokio::test]
async fn over_https_only_the_company_key_is_believed() {
    let name = format!("doorstep-transport-{}", std::process::id());
    let directory = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&directory).unwrap();
    let server = Server::open(Parts {
        database: Database::File(&directory.join("server.db")),
        keys: &DiskKeyFile::new(directory.join("company.key")),
        clock: Arc::new(SystemClock),
        entropy: Box::new(OsEntropy),
        settings: Settings::default(),
    })
    .unwrap()
    .server;
    let key = server.company_key();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let running = tokio::spawn(serve_tls(listener, server, std::future::pending()));
    // The server is reached and answers in its own words that this is no packet.
    let error = post(&url, &Tls::pinned(key)).await.unwrap_err();
    assert!(error.problem().is_some(), "{error:?}");
    let stranger = *Hash::of(&[&key]).as_bytes();
    assert_eq!(
        post(&url, &Tls::pinned(stranger)).await.unwrap_err().trouble(),
        Trouble::NotOurServer
    );
    assert_eq!(post(&url, &Tls::default()).await.unwrap_err().trouble(), Trouble::NotOurServer);
    running.abort();
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn an_address_that_is_none_is_refused() {
    for url in ["", "office", "ftp://x", "http://x?y=1", "http://\u{7f}"] {
        assert!(matches!(Transport::new(url, &Tls::default()), Err(SetupError::Url(_))), "{url}");
    }
    let tls = Tls { company_key: None, roots_pem: Some("nonsense".into()) };
    assert!(matches!(Transport::new("https://x", &tls), Err(SetupError::Roots(_))));
}

#[tokio::test]
async fn a_half_open_connection_is_given_up_and_the_next_try_takes_another() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        // The first answers once and then hears nothing more, as behind a router that forgot it.
        let (mut first, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        let _ = first.read(&mut request).await;
        let _ = first.write_all(http("200 OK", "application/cose", "a").as_bytes()).await;
        let (mut second, _) = listener.accept().await.unwrap();
        let _ = second.read(&mut request).await;
        let _ = second.write_all(http("200 OK", "application/cose", "b").as_bytes()).await;
        let _ = second.read(&mut request).await;
        drop(first);
    });
    let transport = Transport::new(&url, &Tls::default()).unwrap();
    let post = |answer| {
        let patience = Patience { answer, ..LONG };
        transport.post("/", "application/cose", vec![7], patience)
    };
    assert_eq!(post(LONG.answer).await.unwrap().body, b"a");
    let given_up = post(Duration::from_millis(50)).await.unwrap_err();
    assert_eq!((&given_up, given_up.trouble()), (&TransportError::TimedOut, Trouble::Offline));
    assert_eq!(post(LONG.answer).await.unwrap().body, b"b");
}

#[tokio::test]
async fn an_answer_that_stops_halfway_is_given_up_and_one_that_trickles_is_read_to_its_end() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (go_on, mut may) = tokio::sync::mpsc::channel::<()>(1);
    tokio::spawn(async move {
        let mut kept = Vec::new();
        for pieces in [3, 40] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await;
            let head =
                "HTTP/1.1 200 OK\r\ncontent-type: application/cose\r\ncontent-length: 40\r\n\r\n";
            let _ = stream.write_all(head.as_bytes()).await;
            for _ in 0..pieces {
                let _ = stream.write_all(b"x").await;
                // A piece a time, with others' work between: no two in one packet by chance.
                tokio::task::yield_now().await;
            }
            kept.push(stream);
        }
        let _ = may.recv().await;
    });
    let transport = Transport::new(&url, &Tls::default()).unwrap();
    let short = Patience { silence: Duration::from_millis(50), ..LONG };
    let stopped = transport.post("/", "application/cose", vec![7], short).await.unwrap_err();
    assert_eq!(stopped, TransportError::TimedOut);
    let whole = transport.post("/", "application/cose", vec![7], LONG).await.unwrap();
    assert_eq!(whole.body, [b'x'; 40]);
    drop(go_on);
}
