#!/usr/bin/env bash
# Streams that the `secimg` command has just sealed, opened by secimg_open.py: byte for byte the images, and
# refused where they must be. Receipts that it has just made: believed, and refused where they must be.
#
#   against_command.sh SECIMG PYTHON
set -euo pipefail
secimg=$(realpath "$1")
python=$2
opener=$(cd "$(dirname "$0")" && pwd)/secimg_open.py

folder=$(mktemp -d)
receiver=
trap '[ -z "$receiver" ] || kill "$receiver"; rm -rf "$folder"' EXIT
cd "$folder"

"$secimg" --quiet keygen --bits 2048 -o rsa.pem
"$secimg" --quiet keygen --kind ed25519 -o ed25519.pem
"$secimg" --quiet keygen --bits 2048 -o signer.pem
( umask 077
  head -c 32 /dev/urandom > raw.key
  printf 'Gr\303\266\303\237e and 5 more words' > passphrase )
mkdir images
: > images/empty.bin
printf 'a white square on a white ground' > images/square.txt
seq 1 40000 > images/numbers.txt
head -c 200000 /dev/urandom > images/noise.bin

opened=0 refused=0
fail() { printf 'against_command: %s\n' "$*" >&2; exit 1; }

# opens WHAT SEALED ARGUMENT…: the images come out as they went in
opens() {
    local what=$1 sealed=$2
    shift 2
    rm -rf out
    "$python" "$opener" "$@" -O out "$sealed" > log 2>&1 || fail "$what: $(cat log)"
    diff -r images out > log || fail "$what: $(cat log)"
    opened=$((opened + 1))
}

# refuses WHAT CLASS SEALED ARGUMENT…
refuses() {
    local what=$1 class=$2 sealed=$3
    shift 3
    rm -rf out
    if "$python" "$opener" "$@" -O out "$sealed" > log 2>&1; then fail "$what: accepted"; fi
    grep -q "^refused: $class " log || fail "$what: $(cat log)"
    [ ! -e out ] || fail "$what: something was written"
    refused=$((refused + 1))
}

seal() { "$secimg" --quiet --force encrypt "$@" -o sealed images/*; }

recipients=("-r rsa.pem.pub|-i rsa.pem"
    "--key-file raw.key|--raw-key raw.key"
    "--passphrase-file passphrase|--passphrase-file passphrase")
# X-Wing, where the command has it.
if "$secimg" keygen --help | grep -q -- '- hybrid:'; then
    "$secimg" --quiet keygen --kind hybrid -o hybrid.pem
    recipients+=("-r hybrid.pem.pub|-i hybrid.pem")
fi
signers=("|" "--sign ed25519.pem|--signer ed25519.pem.pub" "--sign signer.pem|--signer signer.pem.pub")

for suite in cbc gcm; do
    for recipient in "${recipients[@]}"; do
        for signer in "${signers[@]}"; do
            # Options, split into words on purpose.
            # shellcheck disable=SC2086
            seal --suite $suite ${recipient%|*} ${signer%|*} --context "run 7"
            # shellcheck disable=SC2086
            opens "$suite $recipient $signer" sealed ${recipient#*|} ${signer#*|} --context "run 7"
        done
    done
done

seal -r rsa.pem.pub --sign ed25519.pem --context "run 7"
open=(-i rsa.pem --context "run 7")
refuses "another context" not-authentic sealed -i rsa.pem --context "run 8"
refuses "nobody's key" no-match sealed --raw-key raw.key --context "run 7"
refuses "another signer" policy sealed "${open[@]}" --signer signer.pem.pub
head -c -1 sealed > short
refuses "a byte short" format short "${open[@]}"
{ cat sealed; printf x; } > long
refuses "a byte too many" format long "${open[@]}"
# A byte of the first chunk becomes another one.
{ head -c 5000 sealed
  head -c 5001 sealed | tail -c 1 | tr '\000-\377' '\001-\377\000'
  tail -c +5002 sealed; } > changed
refuses "a changed byte" not-authentic changed "${open[@]}"

receipts=0
# judges WHAT WORD RECEIPT ARGUMENT…: what the sender of `sealed` makes of a receipt
judges() {
    local what=$1 word=$2 receipt=$3
    shift 3
    "$python" "$opener" "${open[@]}" "$@" --receipt "$receipt" sealed > log 2>&1 || true
    [ "$(cat log)" = "receipt: $word" ] || fail "$what: $(cat log)"
    receipts=$((receipts + 1))
}

# receive NAME ARGUMENT…: a receiver gets `sealed` twice; NAME.1 and NAME.2 are its receipts
receive() {
    local name=$1 url='' more
    shift
    : > "$name.log"
    "$secimg" receive --count 2 --listen tcp://127.0.0.1:0 -O "$name.inbox" "$@" > "$name.log" 2>&1 &
    receiver=$!
    until url=$(grep -o -m 1 'tcp://.*' "$name.log"); do
        kill -0 "$receiver" 2> /dev/null || fail "$name: $(cat "$name.log")"
        sleep 0.1
    done
    for more in 1 2; do
        "$secimg" --quiet send --to "$url" --receipt "$name.$more" sealed || fail "$name: $(cat "$name.log")"
    done
    wait "$receiver" || fail "$name: $(cat "$name.log")"
    receiver=
}

for signer in nobody ed25519.pem signer.pem; do
    sign=() from=()
    [ "$signer" = nobody ] || { sign=(--sign "$signer") from=(--receipt-from "$signer.pub"); }
    receive "from.$signer" "${open[@]}" "${sign[@]}"
    judges "first, $signer" accepted "from.$signer.1" "${from[@]}"
    judges "again, $signer" accepted-before "from.$signer.2" "${from[@]}"
    judges "another signer than $signer" policy "from.$signer.1" --receipt-from rsa.pem.pub
    head -c -1 "from.$signer.1" > short
    judges "a byte short, $signer" false short
    { printf '\211SIMR\r\n\032\003'; tail -c +10 "from.$signer.1"; } > changed
    judges "another verdict, $signer" false changed
done
receive relay
judges "a relay" stored relay.1
judges "a relay, and a signer" policy relay.1 --receipt-from signer.pem.pub
seal -r rsa.pem.pub --context "run 7"
judges "of another stream" false from.ed25519.pem.1

printf 'the command against secimg_open.py: %d of %d streams opened, %d of %d refused, %d of %d receipts judged\n' \
    "$opened" "$opened" "$refused" "$refused" "$receipts" "$receipts"
