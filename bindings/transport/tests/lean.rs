//! One TLS library, one crypto library, no system trust: whatever else would come in by some
//! dependency's default feature is refused here.

#[test]
fn no_other_tls_is_compiled_in() {
    let lock = include_str!("../../../Cargo.lock");
    let packages: Vec<_> =
        lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"')).collect();
    assert!(packages.contains(&"rustls") && packages.contains(&"ring"));
    let unwanted = [
        "aws-lc-rs",
        "aws-lc-sys",
        "native-tls",
        "openssl",
        "openssl-sys",
        "reqwest",
        "rustls-native-certs",
        "rustls-platform-verifier",
        "schannel",
        "security-framework",
    ];
    let found: Vec<_> = unwanted.iter().filter(|name| packages.contains(name)).collect();
    assert!(found.is_empty(), "{found:?} came in: find out by `cargo tree -i`");
}
