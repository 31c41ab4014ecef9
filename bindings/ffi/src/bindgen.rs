//! Writes the Kotlin, Swift and Python bindings from the built debug library.

fn main() {
    uniffi::uniffi_bindgen_main();
}
