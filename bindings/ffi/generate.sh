# Sourced by scripts in the repository's root: builds the library, the command line and the program
# that writes bindings; then `generate LANGUAGE DIRECTORY` writes one. Bindings are read from the
# debug library, before anything is stripped from it.
target=${CARGO_TARGET_DIR:-$PWD/target}
cargo build --quiet -p doorstep-ffi --features doorstep-ffi/bindgen -p doorstep-cli
case "$(uname)" in
  Darwin) library=$target/debug/libdoorstep_ffi.dylib ;;
  *) library=$target/debug/libdoorstep_ffi.so ;;
esac
generate() {
  mkdir -p "$2"
  "$target/debug/uniffi-bindgen" generate --no-format --language "$1" --out-dir "$2" "$library" \
    > "$target/uniffi-bindgen.log" 2>&1 || { cat "$target/uniffi-bindgen.log" >&2; return 1; }
}
