#!/usr/bin/env bash
# Seals, opens and signs with keys in a SoftHSM token of its own, and with the `secimg` command on the other side.
# Needs softhsm2, opensc (for pkcs11-tool) and openssl; nothing outside a temporary folder is touched.
set -euo pipefail
cd "$(dirname "$0")"
export CARGO_TERM_COLOR=never LC_ALL=C

module=${PKCS11_MODULE:-}
for found in /usr/lib/softhsm/libsofthsm2.so /usr/lib*/*/softhsm/libsofthsm2.so \
    /usr/lib64/pkcs11/libsofthsm2.so /usr/local/lib/softhsm/libsofthsm2.so; do
    [ -n "$module" ] || [ ! -e "$found" ] || module=$found
done
[ -n "$module" ] || { echo "no libsofthsm2.so: apt-get install softhsm2 opensc" >&2; exit 1; }

cargo build --quiet --locked
cargo build --quiet --locked --manifest-path ../../Cargo.toml --features cli --bin secimg
example=$(cargo metadata --locked --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
library=$(cargo metadata --locked --no-deps --format-version 1 --manifest-path ../../Cargo.toml |
    sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
secimg=$library/debug/secimg

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 077
cd "$work"

passed=0
ok() { passed=$((passed + 1)); printf 'ok %d - %s\n' "$passed" "$1"; }
fail() { printf 'FAILED: %s\n' "$1" >&2; exit 1; }
quietly() { "$@" >said 2>&1 || { cat said >&2; fail "$*"; }; }

# A folder of tokens, and one token in it with fresh keys under the labels that all tests use.
make_token() {
    mkdir -p "$1/tokens"
    printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$work/$1/tokens" >"$1/conf"
    export SOFTHSM2_CONF=$work/$1/conf
    quietly softhsm2-util --init-token --free --label archive --pin 4711 --so-pin 4712
    local tool=(quietly pkcs11-tool --module "$module" --token-label archive --login --pin 4711)
    "${tool[@]}" --keypairgen --key-type rsa:2048 --label opens --id 01 --usage-decrypt
    "${tool[@]}" --keypairgen --key-type rsa:3072 --label signs --id 02 --usage-sign
    "${tool[@]}" --keypairgen --key-type EC:edwards25519 --label signs25519 --id 03 --usage-sign
    "${tool[@]}" --keygen --key-type AES:32 --label wraps --id 04 --usage-wrap --sensitive
}
use_token() { export SOFTHSM2_CONF=$work/$1/conf; }

token() { "$example/debug/secimg-pkcs11" --module "$module" --token archive --pin-file "${pin:-pin}" "$@"; }

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
same() { cmp "$1" image || fail "$2: other bytes"; rm -f "$1"; ok "$2"; }

make_token one
make_token other
use_token one
echo 4711 >pin
head -c 300000 /dev/urandom >image

for key in opens signs signs25519; do
    token public --key $key >$key.pub
    openssl pkey -pubin -in $key.pub -noout || fail "openssl does not read $key.pub"
done
ok "openssl reads the public keys that the token tells"

# (a) Type 1: an RSA key that opens.
"$secimg" encrypt --quiet -r opens.pub -o by-command.secimg image
token open --rsa-key opens by-command.secimg out
same out "the token opens what the command sealed for its public key"
token seal --rsa-key opens image rsa.secimg
token open --rsa-key opens rsa.secimg out
same out "RSA: sealed and opened"
use_token other
refused 1 "no matching key" "RSA: another key is not tried" token open --rsa-key opens rsa.secimg out
use_token one
# Behind magic and CORE (85 bytes): frame header 4, count 1, type 2, key id 16, length 2, and then OAEP's body.
cp rsa.secimg damaged.secimg
printf '\001\002\003\004' | dd of=damaged.secimg bs=1 seek=200 conv=notrunc status=none
refused 1 "not authentic" "RSA: a damaged entry is not authentic" token open --rsa-key opens damaged.secimg out

# (b) Type 5: an AES key that wraps.
token seal --aes-key wraps image aes.secimg
"$secimg" inspect --json aes.secimg | grep -q '"type":"external"' || fail "inspect shows no external recipient"
token open --aes-key wraps aes.secimg out
same out "AES: sealed and opened"
use_token other
refused 1 "not authentic" "AES: another key of the same name is not authentic" token open --aes-key wraps aes.secimg out
use_token one
cp aes.secimg damaged.secimg
# Behind the length of the body: the provider's name, 7 bytes.
printf '\001\002\003\004' | dd of=damaged.secimg bs=1 seek=130 conv=notrunc status=none
refused 1 "not authentic" "AES: a damaged entry is not authentic" token open --aes-key wraps damaged.secimg out
refused 4 "no secret key called missing" "AES: a key that is not there" token seal --aes-key missing image out

# (c) Signatures, verified by the command.
"$secimg" keygen --quiet --bits 2048 -o soft.key >/dev/null
for key in signs signs25519; do
    token seal -r soft.key.pub --sign-key $key image $key.secimg
    "$secimg" verify --quiet -i soft.key --from $key.pub $key.secimg || fail "$key: not verified"
    ok "the command verifies the signature of $key"
    refused 1 "signed by" "$key is not the other signer" \
        "$secimg" verify -i soft.key --from opens.pub $key.secimg
done
token seal --aes-key wraps --sign-key signs25519 image both.secimg
token open --aes-key wraps --from signs25519.pub both.secimg out
same out "sealed, signed, opened and verified by the token"
refused 1 "signed by" "another signer is refused" token open --aes-key wraps --from signs.pub both.secimg out

# A token that cannot answer says nothing about a stream.
echo 1147 >wrong-pin
pin=wrong-pin refused 4 "wrong PIN" "a wrong PIN" token open --aes-key wraps aes.secimg out
install -m 644 pin shared-pin
pin=shared-pin refused 4 "others can read" "a PIN that others can read" token open --aes-key wraps aes.secimg out
mkdir -p none/tokens && sed "s|/one/|/none/|" one/conf >none/conf
use_token none
refused 4 "no token archive" "the token is away: AES" token open --aes-key wraps aes.secimg out
refused 4 "no token archive" "the token is away: RSA" token open --rsa-key opens rsa.secimg out
use_token one
refused 4 "No such file\|cannot open" "no module" \
    "$example/debug/secimg-pkcs11" --module ./missing.so --token archive --pin-file pin public --key opens
# Nobody is asked for a PIN where no entry is for the key.
pin=missing refused 1 "no matching key" "no PIN without an entry" token open --aes-key wraps rsa.secimg out

printf 'test result: ok. %d passed; 0 failed\n' "$passed"
