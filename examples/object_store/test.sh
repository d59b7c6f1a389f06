#!/usr/bin/env bash
# Seals into a store and opens there by ranges, against moto, which speaks as S3 does, on the loopback device.
# Needs python3 with venv, and curl; nothing outside a temporary folder and the build's own is touched.
# SECIMG_MOTO names a moto_server that is installed already.
set -euo pipefail
cd "$(dirname "$0")"
export CARGO_TERM_COLOR=never LC_ALL=C

cargo build --quiet --locked
cargo build --quiet --locked --manifest-path ../../Cargo.toml --features cli --bin secimg
example=$(cargo metadata --locked --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
library=$(cargo metadata --locked --no-deps --format-version 1 --manifest-path ../../Cargo.toml |
    sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
secimg=$library/debug/secimg
cut=$PWD/cut.py
moto=${SECIMG_MOTO:-}
if [ -z "$moto" ]; then
    venv=$example/moto
    [ -x "$venv/bin/moto_server" ] || {
        python3 -m venv "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check 'moto[server]>=5,<6'
    }
    moto=$venv/bin/moto_server
fi

work=$(mktemp -d)
pids=()
stop() {
    [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
    rm -rf "$work"
}
trap stop EXIT
umask 077
cd "$work"

passed=0
ok() { passed=$((passed + 1)); printf 'ok %d - %s\n' "$passed" "$1"; }
fail() { printf 'FAILED: %s\n' "$1" >&2; exit 1; }

# The store, on a port of its own choice.
"$moto" -H 127.0.0.1 -p 0 >store.log 2>&1 &
pids+=($!)
port=
for _ in $(seq 600); do
    port=$(sed -n 's/.*Running on http:\/\/127\.0\.0\.1:\([0-9]*\).*/\1/p' store.log | head -n 1)
    [ -z "$port" ] || break
    sleep 0.1
done
[ -n "$port" ] || { cat store.log >&2; fail "moto does not start"; }
url=http://127.0.0.1:$port
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1
curl -sf -X PUT "$url/pictures" >/dev/null || fail "no bucket"

store() { "$example/debug/secimg-object-store" --endpoint "${endpoint:-$url}" --bucket pictures "$@"; }
# What a report says that reading has cost: requests, bytes read, bytes there are.
cost() { sed -n 's/^\([0-9]*\) requests, \([0-9]*\) of \([0-9]*\) bytes read$/\1 \2 \3/p' "$1"; }
# Requests of a kind that the store saw. Its log has colours.
seen() { grep -c "$1" store.log || true; }
gets() { seen 'GET /pictures/series'; }
# refused STATUS WORDS WHAT COMMAND...: fails so, says so, and leaves no output behind.
refused() {
    local status=$1 words=$2 what=$3 got=0
    shift 3
    rm -f out
    "$@" >said 2>&1 || got=$?
    [ "$got" = "$status" ] || { cat said >&2; fail "$what: status $got, not $status"; }
    grep -q "$words" said || { cat said >&2; fail "$what: no '$words'"; }
    [ ! -e out ] || fail "$what: something was written"
    ok "$what"
}
no_parts() {
    curl -sf "$url/pictures?uploads" >uploads
    ! grep -q '<UploadId>' uploads || { cat uploads >&2; fail "$1: parts were left behind"; }
}

"$secimg" keygen --quiet --bits 2048 -o opens.key >/dev/null
"$secimg" keygen --quiet --bits 2048 -o other.key >/dev/null
"$secimg" keygen --quiet --kind ed25519 -o signs.key >/dev/null
for size in 7000000 25000000 123 0; do head -c $size /dev/urandom >"image-$size"; done
sum=$(cat image-* | wc -c)

# Sealing, in parts of 5 MiB: nothing is written here, and the store holds what the command opens.
before=$(ls -A | wc -l)
store seal -r opens.key.pub --sign signs.key --part 5 series image-7000000 image-25000000 image-123 image-0 >said
[ "$(ls -A | wc -l)" = $((before + 1)) ] || fail "sealing wrote a file"
grep -q 'in 7 parts' said || { cat said >&2; fail "not in parts of 5 MiB"; }
[ "$(seen 'PUT /pictures/series?.*partNumber')" = 7 ] || fail "the store saw other parts"
no_parts "a whole upload"
ok "sealed into an upload of seven parts"
curl -sf "$url/pictures/series" -o series.secimg
mkdir opened
"$secimg" decrypt --quiet -i opens.key --from signs.key.pub -O opened series.secimg
for image in image-*; do cmp "$image" "opened/$image" || fail "$image: other bytes"; done
ok "the command verifies what the store holds, byte for byte"

# Listing reads the beginning and the end; one image costs what it is long.
before=$(gets)
store list -i opens.key series >list
read -r requests bytes size < <(cost list)
[ "$(grep -c image- list)" = 4 ] || fail "the list is short"
[ "$requests" = $(($(gets) - before)) ] || fail "the store saw other requests than were counted"
[ "$requests" -le 3 ] && [ "$bytes" -lt 420000 ] || fail "a list for $requests requests, $bytes bytes"
ok "a list for $requests requests, $bytes of $size bytes"
for number in 1 2 3 4; do
    image=$(sed -n "s/^$number\t.*\t\(image-[0-9]*\)$/\1/p" list)
    length=$(wc -c <"$image")
    rm -f out
    before=$(gets)
    store open -i opens.key series "$number" out >said
    cmp "$image" out || fail "$image: other bytes"
    grep -q '^authentic: ' said || fail "$image: not called authentic"
    read -r requests bytes size < <(cost said)
    [ "$requests" = $(($(gets) - before)) ] || fail "the store saw other requests than were counted"
    [ "$requests" -le 9 ] || fail "$image: $requests requests"
    [ "$bytes" -lt $((length + length / 500 + 700000)) ] || fail "$image: $bytes bytes"
    ok "one image of $length bytes for $requests requests, $bytes of $size bytes"
done
rm -f out
store open -i opens.key --from signs.key.pub series 2 out >said
cmp image-25000000 out && grep -q '^verified: signed by ' said || fail "not verified"
read -r requests bytes size < <(cost said)
[ "$requests" -le 20 ] && [ "$bytes" -gt "$sum" ] || fail "verified without being read"
ok "one image, all verified, for $requests requests, $bytes of $size bytes"

# Refusals.
refused 1 "no matching key" "a wrong key" store open -i other.key series 2 out
refused 1 "not among the trusted" "a wrong signer" store open -i opens.key --from other.key.pub series 2 out
refused 4 "not found" "no such object" store open -i opens.key nothing 1 out
refused 4 "images 1 to 4" "no such image" store open -i opens.key series 5 out
refused 4 "missing: " "an image that is not there" store seal -r opens.key.pub late image-123 missing
no_parts "an image that is not there"

# One flipped bit in the second image.
cp series.secimg flipped
byte=$(od -An -tu1 -j 20000000 -N1 flipped | tr -d ' ')
printf "\\$(printf %03o $((byte ^ 1)))" | dd of=flipped bs=1 seek=20000000 conv=notrunc status=none
curl -sf -T flipped "$url/pictures/flipped" >/dev/null
refused 1 "not authentic" "a flipped bit in the store" store open -i opens.key flipped 2 out
refused 1 "does not hold\|not authentic" "a flipped bit, with a signer" \
    store open -i opens.key --from signs.key.pub flipped 2 out
store open -i opens.key flipped 1 out >said && cmp image-7000000 out || fail "the image beside it"
ok "the image beside the flipped bit opens"
head -c 20000000 series.secimg >short
curl -sf -T short "$url/pictures/short" >/dev/null
refused 3 "." "a stream cut in the store" store open -i opens.key short 1 out

# An upload whose line breaks: an error, no object, and no part left behind.
python3 "$cut" "$port" 12000000 >cut.port &
pids+=($!)
for _ in $(seq 100); do [ -s cut.port ] || sleep 0.1; done
endpoint=http://127.0.0.1:$(cat cut.port) refused 4 "." "an upload that breaks" \
    store seal -r opens.key.pub --part 5 broken image-25000000
no_parts "an upload that breaks"
[ "$(curl -s -o /dev/null -w '%{http_code}' "$url/pictures/broken")" = 404 ] || fail "half an object is there"
ok "no part of it is left, and no object"
# A signal in the middle: the same. A large sparse file takes long enough.
truncate -s 20G endless
"$example/debug/secimg-object-store" --endpoint "$url" --bucket pictures \
    seal -r opens.key.pub --part 5 stopped endless >said 2>&1 &
sealing=$!
pids+=($sealing)
for _ in $(seq 600); do [ "$(seen 'PUT /pictures/stopped?.*partNumber')" = 0 ] || break; sleep 0.1; done
kill -TERM $sealing || { cat said >&2; fail "sealing had ended"; }
status=0
wait $sealing || status=$?
[ $status = 4 ] && grep -q interrupted said || { cat said >&2; fail "a signal: status $status"; }
no_parts "a signal"
ok "a signal gives the upload up"

printf 'test result: ok. %d passed; 0 failed\n' "$passed"
