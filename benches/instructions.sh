#!/usr/bin/env bash
# Counts the instructions that sealing and opening one mebibyte take, and compares them with benches/instructions.txt.
#
#   benches/instructions.sh           fails where a count is more than 3 % above the one on record
#   benches/instructions.sh --bless   writes the counts
#
# Needs valgrind. Its processor has AES-NI, but neither VAES nor instructions for SHA-256, so what is counted is the safe twin of
# the kernels, and what stands around both. Counts do not depend on how busy a machine is, but on the compiler and valgrind.
set -euo pipefail
cd "$(dirname "$0")/.."

program=$(cargo bench --locked --no-run --bench instructions 2>&1 | sed -n 's/.*(\(.*instructions-.*\))$/\1/p')
[ -x "$program" ] || { echo "the program was not built" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

count() {
    valgrind --tool=callgrind --callgrind-out-file="$work/out" "$program" "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; exit 1; }
    sed -n 's/^summary: //p' "$work/out"
}

for suite in cbc gcm; do
    base=$(count "$suite" nothing)
    for what in seal open; do
        whole=$(count "$suite" "$what")
        echo "$suite $what $((whole - base))"
    done
done >"$work/counts"

if [ "${1:-}" = --bless ]; then
    cp "$work/counts" benches/instructions.txt
    cat benches/instructions.txt
    exit
fi
join -j 1 <(sed 's/ /-/' benches/instructions.txt | sort) <(sed 's/ /-/' "$work/counts" | sort) |
    awk '{ change = 100 * ($3 - $2) / $2; printf "%-9s %11d instructions, %+.2f %%\n", $1, $3, change
           if (change > 3) failed = 1; lines++ }
         END { exit failed || lines != 4 }' ||
    { echo "more instructions than on record: benches/instructions.sh --bless, if that is meant" >&2; exit 1; }
