#!/usr/bin/env bash
# Generates the Swift binding anew and compares it with the committed one; `--write` replaces it.
# Needs no Apple software.
set -euo pipefail
cd "$(dirname "$0")/.."
. bindings/ffi/generate.sh
fresh=$target/bindings/swift
rm -rf "$fresh"
generate swift "$fresh"
# Trailing blanks of the generator aren't kept.
sed -i.orig 's/[[:space:]]*$//' "$fresh"/* && rm -f "$fresh"/*.orig
place() {
  case "$1" in
    *.swift) echo "ios/Sources/DoorstepCore/$1" ;;
    # The name under which an xcframework looks for it.
    *.modulemap) echo "ios/include/module.modulemap" ;;
    *) echo "ios/include/$1" ;;
  esac
}
drifted=0
for file in "$fresh"/*; do
  name=$(basename "$file")
  kept=$(place "$name")
  if [ "${1:-}" = "--write" ]; then
    mkdir -p "$(dirname "$kept")"
    cp "$file" "$kept"
  elif ! cmp -s "$file" "$kept"; then
    echo "drifted: $kept is not what the core generates now" >&2
    diff "$kept" "$file" 2>&1 | head -40 >&2 || true
    drifted=1
  fi
done
if [ "$drifted" = 1 ]; then
  echo "run ios/check.sh --write, read the difference, and adapt the thin layer" >&2
  exit 1
fi
