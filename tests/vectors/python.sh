#!/bin/sh
# Prints the path of a Python that has what verify.py needs. Makes a virtual environment under
# target/ on first use; later runs need no network.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$here/../../target}
venv=$target/vectors-venv

if ! command -v python3 >/dev/null 2>&1; then
    echo "vectors: python3 is missing; install Python 3.10 or later" >&2
    exit 1
fi
if ! cmp -s "$here/requirements.txt" "$venv/installed.txt"; then
    rm -rf "$venv"
    mkdir -p "$target"
    if ! python3 -m venv "$venv" >&2; then
        echo "vectors: python3 cannot make a virtual environment; install its venv module" >&2
        exit 1
    fi
    if ! "$venv/bin/python" -m pip install -q --disable-pip-version-check --retries 1 \
        -r "$here/requirements.txt" >&2; then
        echo "vectors: pip could not install requirements.txt; is there a network?" >&2
        exit 1
    fi
    cp "$here/requirements.txt" "$venv/installed.txt"
fi
echo "$venv/bin/python"
