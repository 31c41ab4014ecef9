#!/usr/bin/env bash
# Builds the core, generates the Python binding and runs the story through it. Nothing generated is
# kept in the repository.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v python3 >/dev/null 2>&1 || { echo "missing: python3 (3.9 or later)" >&2; exit 2; }
. bindings/ffi/generate.sh
out=$target/bindings/python
generate python "$out"
cp "$library" "$out/"
DOORSTEP=$target/debug/doorstep PYTHONPATH=$out python3 bindings/python/smoke.py
