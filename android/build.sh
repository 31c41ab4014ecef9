#!/usr/bin/env bash
# Builds the core and generates the Kotlin binding into android/target/binding. The binding isn't
# kept in the repository: it is made from the very library it talks to, so it cannot drift.
set -euo pipefail
cd "$(dirname "$0")/.."
. bindings/ffi/generate.sh
rm -rf android/target/binding
generate kotlin android/target/binding
