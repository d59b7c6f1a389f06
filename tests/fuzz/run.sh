#!/usr/bin/env bash
# Builds the fuzz targets and runs each for SECONDS: tests/fuzz/run.sh [SECONDS] [TARGET...]
#
# Needs `cargo install cargo-fuzz` and a C++ compiler, and no nightly: it runs without a sanitizer, which
# finds little in safe Rust. What is looked for are panics, overflows, broken promises, hangs and memory.
#
# The kept corpora are read and not changed; what is new goes to $SECIMG_FUZZ_CORPUS/TARGET (a temporary
# folder unless it is set). Real images in $SECIMG_CORPUS join the sniffer's; what grows from them is apart,
# in sniff-images, and is not to be kept. Inputs that fail stay in tests/fuzz/artifacts/TARGET; mended, they
# move to found/TARGET.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-20}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(sed -n 's/^path = "targets\/\(.*\)\.rs"$/\1/p' Cargo.toml)

grown=${SECIMG_FUZZ_CORPUS:-}
if [ -z "$grown" ]; then
    grown=$(mktemp -d)
    trap 'rm -rf "$grown"' EXIT
fi

# An input longer than this says nothing that a shorter one cannot.
longest() {
    case $1 in
        frames | open) echo 16384 ;;
        header) echo 8192 ;;
        content | sniff | strip) echo 12000 ;;
        names | split | receipt) echo 300 ;;
        raw_frame) echo 2000 ;;
        *) echo 4096 ;;
    esac
}

host=$(rustc -vV | sed -n 's/^host: //p')
out=${CARGO_TARGET_DIR:-$PWD/target}
cargo fuzz build --fuzz-dir . --target-dir "$out" --sanitizer none

failed=()
for target in "${targets[@]}"; do
    folders=("$grown/$target")
    if [ "$target" = sniff ] && [ -d "${SECIMG_CORPUS:-}" ]; then
        folders=("$grown/sniff-images" "$SECIMG_CORPUS" "$grown/sniff")
    fi
    mkdir -p "${folders[@]}" "artifacts/$target"
    for kept in "corpus/$target" "found/$target"; do
        [ ! -d "$kept" ] || folders+=("$kept")
    done
    log=$grown/$target.log
    status=0
    "$out/$host/release/$target" "${folders[@]}" \
        -max_total_time="$seconds" -max_len="$(longest "$target")" -dict=secimg.dict \
        -rss_limit_mb=1024 -timeout=10 -report_slow_units=2 -print_final_stats=1 \
        -artifact_prefix="artifacts/$target/" >"$log" 2>&1 || status=$?
    # A log line: #123 DONE cov: 45 ft: 67 corp: …
    figures=$(grep -oE 'cov: [0-9]+ ft: [0-9]+' "$log" | tail -1 || true)
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    printf '%-12s %10s executions in %s s  %s\n' "$target" "${runs:-?}" "$seconds" "$figures"
    if [ "$status" -ne 0 ]; then
        failed+=("$target")
        tail -n 40 "$log"
    fi
done

if [ ${#failed[@]} -gt 0 ]; then
    echo "FAILED: ${failed[*]}; the inputs are in tests/fuzz/artifacts" >&2
    exit 1
fi
