#!/usr/bin/env bash
# The Kotlin layer's tests on a plain JVM, against the real core and a real server process.
set -euo pipefail
cd "$(dirname "$0")/.."
missing=0
for need in "java:a JDK 17" "mvn:Maven 3.8"; do
  command -v "${need%%:*}" >/dev/null 2>&1 || { echo "missing: ${need%%:*} (${need#*:})" >&2; missing=1; }
done
[ "$missing" = 0 ] || exit 2
android/build.sh
target=${CARGO_TARGET_DIR:-$PWD/target}
mvn --quiet --batch-mode -Dstyle.color=never --file android/pom.xml "-Ddoorstep.library=$target/debug" test
