#!/usr/bin/env bash
# Runs secimg with marked secrets under valgrind, at two levels of optimisation, and fails on a report that
# named.txt does not name, or where a control is not reported. Needs valgrind with its headers, and a C compiler.
set -euo pipefail
cd "$(dirname "$0")"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$(realpath ../..)/target}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
for level in 1 3; do
    cargo build --quiet --profile "o$level"
    echo "optimisation level $level:"
    if ! valgrind --error-limit=no --num-callers=60 "$CARGO_TARGET_DIR/o$level/secimg-constant-time" 2>"$log"; then
        cat "$log"
        exit 1
    fi
    awk -v root=../../src -f classify.awk named.txt "$log"
done
