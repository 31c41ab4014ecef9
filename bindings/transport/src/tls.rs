//! Whom to trust over https: the company's key, or roots that the caller names.
//!
//! The server's certificate is signed by the company's Ed25519 key under the issuer name
//! `Doorstep`; a client that knows the key needs neither host names nor dates, so a phone whose
//! clock is years off still gets through. Roots are for a proxy before the server, and are checked
//! in the ordinary way, host name and dates included. With neither, no https server is trusted.

use std::sync::Arc;

use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor,
    },
    crypto::{CryptoProvider, ring, verify_tls13_signature},
    pki_types::{CertificateDer, Der, ServerName, TrustAnchor, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};

use crate::SetupError;

/// DER of the name CN=Doorstep, and of an Ed25519 key, each up to the text or key itself.
const ISSUER: [u8; 11] = [0x31, 0x11, 0x30, 0x0f, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x08];
const ED25519: [u8; 10] = [0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Whom to trust over https.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// The company's Ed25519 key, as shown with the enrolment code.
    pub company_key: Option<[u8; 32]>,
    /// Certificates of roots, in PEM.
    pub roots_pem: Option<String>,
}

impl Tls {
    /// Trusts the company's key alone.
    pub fn pinned(company_key: [u8; 32]) -> Tls {
        Tls { company_key: Some(company_key), roots_pem: None }
    }

    pub(crate) fn config(&self) -> Result<ClientConfig, SetupError> {
        let provider = Arc::new(ring::default_provider());
        let verifier = Verifier {
            company: self.company_key.map(anchor),
            roots: self.roots(&provider)?,
            provider: provider.clone(),
        };
        Ok(ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|error| SetupError::Tls(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth())
    }

    fn roots(
        &self,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Option<Arc<WebPkiServerVerifier>>, SetupError> {
        let Some(pem) = &self.roots_pem else { return Ok(None) };
        let wrong = |error: &dyn std::fmt::Display| SetupError::Roots(error.to_string());
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            roots.add(certificate.map_err(|e| wrong(&e))?).map_err(|e| wrong(&e))?;
        }
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
        verifier.build().map(Some).map_err(|e| wrong(&e))
    }
}

/// The issuer's name under the company's key. rustls asks for the contents of the DER sequences.
fn anchor(company: [u8; 32]) -> RootCertStore {
    let name = [&ISSUER[..], b"Doorstep"].concat();
    let key = [&ED25519[..], &company].concat();
    let anchor = TrustAnchor {
        subject: Der::from(name),
        subject_public_key_info: Der::from(key),
        name_constraints: None,
    };
    RootCertStore { roots: vec![anchor] }
}

#[derive(Debug)]
struct Verifier {
    company: Option<RootCertStore>,
    roots: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let pinned = self.company.as_ref().map(|company| {
            verify_server_cert_signed_by_trust_anchor(
                &ParsedCertificate::try_from(end_entity)?,
                company,
                intermediates,
                // The certificate has no meaningful dates; a phone's clock may have none either.
                UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_000_000_000)),
                self.provider.signature_verification_algorithms.all,
            )
        });
        match (pinned, &self.roots) {
            (Some(Ok(())), _) => Ok(ServerCertVerified::assertion()),
            (_, Some(roots)) => {
                roots.verify_server_cert(end_entity, intermediates, server_name, ocsp, now)
            }
            (Some(Err(error)), None) => Err(error),
            (None, None) => Err(Error::General("no https server is trusted yet".into())),
        }
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
