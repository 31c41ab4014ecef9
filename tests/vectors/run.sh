#!/bin/sh
# Checks the vectors with Python: both files as they are checked in, and the tests of verify.py.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=$("$here/python.sh")
cd "$here"
"$python" verify.py vectors python.json
"$python" verify.py vectors rust.json
"$python" -m unittest -q test_vectors
