//! TLS that a phone can check with the one key it pinned at enrolment.
//!
//! At each start the server makes a fresh TLS key and lets the company's key sign a certificate for
//! it. The issuer is named [`TLS_ISSUER`]; a client trusts nothing but that name under the
//! company's Ed25519 key, and need not look at host names. The certificate has no meaningful dates,
//! so that a phone whose clock is years off still gets through: the company's key is what counts.
//! TLS 1.3 alone, with ring.

use std::sync::Arc;

use doorstep::log::DeviceKeys;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use zeroize::Zeroizing;

/// Who signs the server's TLS certificate: the common name that stands for the company's key.
pub const TLS_ISSUER: &str = "Doorstep";

/// PKCS #8 (RFC 8410) of an Ed25519 private key, up to the key itself.
const ED25519_PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// Why TLS can't be had.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate could not be made.
    #[error("the TLS certificate could not be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The library refused it.
    #[error("TLS could not be set up: {0}")]
    Setup(#[from] rustls::Error),
}

/// A fresh TLS key under the company's key.
pub(crate) fn config(company: &DeviceKeys) -> Result<ServerConfig, TlsError> {
    let leaf_key = KeyPair::generate_for(&rcgen::PKCS_ED25519)?;
    let mut leaf = CertificateParams::new(vec!["doorstep.invalid".to_owned()])?;
    leaf.distinguished_name = name("Doorstep server");
    undated(&mut leaf);
    let leaf = leaf.signed_by(&leaf_key, &issuer(company)?)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn issuer(company: &DeviceKeys) -> Result<Issuer<'static, KeyPair>, TlsError> {
    let secret = Zeroizing::new(company.to_secret());
    let der = Zeroizing::new([&ED25519_PKCS8[..], &secret[..32]].concat());
    let pkcs8 = PrivatePkcs8KeyDer::from(&der[..]);
    let key = KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8, &rcgen::PKCS_ED25519)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = name(TLS_ISSUER);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    undated(&mut params);
    Ok(Issuer::new(params, key))
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name
}

fn undated(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(1970, 1, 1);
    params.not_after = date_time_ymd(9999, 12, 31);
}
