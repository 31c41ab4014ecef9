//! Over a real socket: in the clear, and with TLS under the company's pinned key.

use std::{net::SocketAddr, sync::Arc};

use doorstep::log::DeviceKeys;
use doorstep_server::{serve, serve_tls};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor,
    },
    crypto::{CryptoProvider, ring, verify_tls13_signature},
    pki_types::{CertificateDer, Der, ServerName, TrustAnchor, UnixTime},
    server::ParsedCertificate,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use tokio_rustls::TlsConnector;

use crate::world::{Counter, World};

const HEALTH: &[u8] = b"GET /v1/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

/// Trusts the issuer's name under one Ed25519 key; dates and host names play no part.
#[derive(Debug)]
struct Pinned {
    roots: RootCertStore,
    provider: Arc<CryptoProvider>,
}

impl Pinned {
    fn client(company: &[u8; 32]) -> TlsConnector {
        // Contents of the DER sequences: CN=Doorstep; id-Ed25519 and the key.
        let mut name = vec![0x31, 0x11, 0x30, 0x0f, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x08];
        name.extend(doorstep_server::TLS_ISSUER.as_bytes());
        let mut key = vec![0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        key.extend(company);
        let anchor = TrustAnchor {
            subject: Der::from(name),
            subject_public_key_info: Der::from(key),
            name_constraints: None,
        };
        let provider = Arc::new(ring::default_provider());
        let roots = RootCertStore { roots: vec![anchor] };
        let pinned = Pinned { roots, provider: provider.clone() };
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(pinned))
            .with_no_client_auth();
        TlsConnector::from(Arc::new(config))
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        verify_server_cert_signed_by_trust_anchor(
            &ParsedCertificate::try_from(end_entity)?,
            &self.roots,
            intermediates,
            now,
            self.provider.signature_verification_algorithms.all,
        )?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("only TLS 1.3 is spoken".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

async fn start(world: &World, tls: bool) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
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
    let name = ServerName::try_from("any.name.at.all").unwrap();
    let connect = async |key: &[u8; 32]| {
        let stream = TcpStream::connect(running.address).await.unwrap();
        Pinned::client(key).connect(name.clone(), stream).await
    };
    let answer = ask(connect(&world.server.company_key()).await.unwrap()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let stranger = DeviceKeys::generate(&mut Counter(77)).public().signing;
    let error = connect(&stranger).await.err().unwrap();
    let refused = error.get_ref().and_then(|error| error.downcast_ref::<Error>());
    let signature = Error::InvalidCertificate(CertificateError::BadSignature);
    let unknown = Error::InvalidCertificate(CertificateError::UnknownIssuer);
    assert!(refused == Some(&signature) || refused == Some(&unknown), "{error}");
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
    let name = ServerName::try_from("x").unwrap();
    let stream = TcpStream::connect(running.address).await.unwrap();
    let pinned = Pinned::client(&world.server.company_key());
    let answer = ask(pinned.connect(name, stream).await.unwrap()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    running.stop.send(()).unwrap();
    running.ended.await.unwrap();
}
