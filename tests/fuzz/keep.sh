#!/usr/bin/env bash
# Replaces the kept corpora by few inputs that reach as much as they and GROWN/TARGET reach together:
# tests/fuzz/keep.sh GROWN [TARGET...]
#
# At most 60 inputs and 200 KB for each target, in the order of what each adds. Of an edge counts that it is
# reached, not how often. Run it behind run.sh, which builds the targets.
set -euo pipefail
grown=$(realpath "$1")
shift
cd "$(dirname "$0")"
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(sed -n 's/^path = "targets\/\(.*\)\.rs"$/\1/p' Cargo.toml)
host=$(rustc -vV | sed -n 's/^host: //p')
out=${CARGO_TARGET_DIR:-$PWD/target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# From a merge's control file: N, a line, N paths, then for each input its size and its features.
choose='
NR == 1 { count = $1; next }
NR == 2 { next }
NR <= count + 2 { path[NR - 3] = $0; next }
$1 == "STARTED" { size[$2] = $3 }
$1 == "FT" { features[$2] = $0; gain[$2] = NF - 2 }
END {
    for (kept = 0; kept < 60; kept++) {
        best = -1; most = 0
        for (i in features) {
            if (gain[i] < most || total + size[i] > 200000) continue
            n = split(features[i], feature, " "); gain[i] = 0
            for (k = 3; k <= n; k++) if (!(feature[k] in seen)) gain[i]++
            if (gain[i] > most || (gain[i] == most && gain[i] > 0 && size[i] < size[best])) {
                best = i; most = gain[i]
            }
        }
        if (best < 0) break
        n = split(features[best], feature, " ")
        for (k = 3; k <= n; k++) seen[feature[k]]
        total += size[best]; print path[best]; delete features[best]
    }
}'

for target in "${targets[@]}"; do
    rm -rf "${work:?}"/*
    mkdir -p "corpus/$target" "$grown/$target" "$work/fewest" "$work/kept"
    "$out/$host/release/$target" -set_cover_merge=1 -merge_control_file="$work/control" -use_counters=0 \
        -max_len=16384 -timeout=10 -rss_limit_mb=1024 \
        "$work/fewest" "corpus/$target" "$grown/$target" >"$work/log" 2>&1
    awk "$choose" "$work/control" | while read -r input; do
        cp "$input" "$work/kept/$(sha1sum <"$input" | cut -c 1-40)"
    done
    rm -r "corpus/$target"
    cp -r "$work/kept" "corpus/$target"
    printf '%-12s %3d inputs, %6d bytes\n' "$target" \
        "$(find "corpus/$target" -type f | wc -l)" "$(cat "corpus/$target"/* | wc -c)"
done
