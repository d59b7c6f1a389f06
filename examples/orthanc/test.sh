#!/usr/bin/env bash
# test.sh LIBDIR INCLUDEDIR: builds the plugin against libsecimg.so in LIBDIR and secimg.h in INCLUDEDIR, and runs it in a
# real Orthanc inside a network namespace of its own, over temporary folders.
#
# Needs cmake, a C++ compiler with sanitizers, orthanc, orthanc-dev, orthanc-dicomweb, libjsoncpp-dev, dcmtk, curl, openssl and python3.
# SECIMG names the secimg command, SECIMG_CORPUS the folder of sample images; what lacks either is said to be skipped, or fails where
# SECIMG_REQUIRE_TOOLS or SECIMG_REQUIRE_CORPUS is set. SECIMG_SPEED_ROUNDS=0 leaves the comparison of speed out.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 2 ] || { echo "usage: test.sh LIBDIR INCLUDEDIR" >&2; exit 2; }
lib=$(realpath "$1")
include=$(realpath "$2")

# Orthanc listens on every address; here there is only the loopback.
if [ -z "${SECIMG_ORTHANC_TEST_NAMESPACE:-}" ]; then
    root=()
    [ "$(id -u)" = 0 ] || root=(--map-root-user)
    exec unshare --net "${root[@]}" env SECIMG_ORTHANC_TEST_NAMESPACE=1 \
        bash -c 'ip link set lo up && exec "$@"' bash "$here/test.sh" "$lib" "$include"
fi

for tool in cmake c++ Orthanc curl openssl python3 storescu findscu dcmdump; do
    command -v "$tool" >/dev/null || { echo "test.sh needs $tool" >&2; exit 1; }
done

export LC_ALL=C LD_LIBRARY_PATH=$lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
for variable in $(compgen -e SECIMG_ORTHANC_ | grep -v TEST_NAMESPACE); do
    unset "$variable"
done
secimg=${SECIMG:-$(command -v secimg || true)}
[ -z "$secimg" ] || secimg=$(realpath "$secimg")
corpus=${SECIMG_CORPUS:-$here/../../../shared/corpus}/dicom
interop=${SECIMG_INTEROP:-$here/../../../shared/interop}/orthanc.sh
rounds=${SECIMG_SPEED_ROUNDS:-3}

work=$(mktemp -d)
umask 077
cd "$work"
for part in lib interop clear sealed speed; do
    # shellcheck source=/dev/null
    . "$here/test/$part.sh"
done
trap 'stop; rm -rf "$work"' EXIT

build() {
    cmake -S "$here" -B build -DCMAKE_BUILD_TYPE=Release -DSECIMG_LIBRARY_DIR="$lib" -DSECIMG_INCLUDE_DIR="$include" \
        -DCMAKE_CXX_FLAGS=-Werror >said 2>&1 && cmake --build build >>said 2>&1 || { cat said >&2; fail "the build"; }
    plugin=$work/build/libOrthancSecimg.so
    local exported
    exported=$(nm -D --defined-only "$plugin" | grep -c ' T OrthancPlugin')
    expect "exported functions" "$exported" = 4
    c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -I"$include" "$here/test/keygen.cpp" -L"$lib" -lsecimg -o keygen
    pass "builds without a warning"
}

# Orthanc's own code runs under no sanitizer; host.cpp stands in for it.
step_sanitizers() {
    local sanitizer
    cat >host.json <<J
{ "StorageDirectory": "host-store",
  "Secimg": { "Recipients": ["hybrid.key.pub"], "Identities": ["hybrid.key"], "CachedReaders": 2 } }
J
    for sanitizer in address,undefined thread; do
        c++ -std=c++17 -g -O1 -Wall -Wextra -Wpedantic -Werror -fno-sanitize-recover=all -fsanitize=$sanitizer \
            -isystem /usr/include/jsoncpp -I"$include" "$here"/src/*.cpp "$here/test/host.cpp" \
            -L"$lib" -lsecimg -ljsoncpp -lpthread -o host
        ./host host.json >said 2>&1 || { tail -n 40 said >&2; fail "under -fsanitize=$sanitizer"; }
        rm -rf host-store
        pass "-fsanitize=$sanitizer: $(tail -n 1 said) stored, read and removed at the same time"
    done
}

make_keys() {
    local kind
    for kind in rsa hybrid; do
        ./keygen "$kind" "$kind.key"
    done
    ./keygen rsa wrong.key
    ./keygen ed25519 signer.key
    openssl req -x509 -key rsa.key -out rsa.crt -days 30 -subj /CN=archive -addext basicConstraints=critical,CA:FALSE \
        -addext keyUsage=critical,keyEncipherment 2>said || { cat said >&2; fail "openssl req"; }
    echo "a passphrase" >passphrase
    openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -aes-256-cbc -pass file:passphrase -out locked.key 2>said ||
        openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -aes-256-cbc -pass file:passphrase -out locked.key 2>said ||
        { cat said >&2; fail "openssl genpkey"; }
    openssl pkey -in locked.key -passin file:passphrase -pubout -out locked.pub
}

make_images() {
    python3 "$here/test/dicom.py" small.dcm 900001 300000 PATIENT^SMALL
    python3 "$here/test/dicom.py" other.dcm 900002 200000 PATIENT^OTHER
    python3 "$here/test/dicom.py" large.dcm 900003 8000000 PATIENT^LARGE
    large=(large.dcm)
    make_load load 200 500000 0
    make_load big 20 5000000 1000
    if [ -f "$corpus/RG3_UNCI.dcm" ]; then
        large+=("$corpus/RG3_UNCI.dcm" "$corpus/MR2_UNCI.dcm" "$corpus/jpeg_baseline_8bit.dcm")
    else
        [ -z "${SECIMG_REQUIRE_CORPUS:-}" ] || fail "no corpus: name it in SECIMG_CORPUS"
        note "SKIPPED: large files of the corpus, which is not there (name it in SECIMG_CORPUS)"
    fi
}

use_rsa() { export SECIMG_ORTHANC_RECIPIENTS=$work/rsa.key.pub SECIMG_ORTHANC_IDENTITIES=$work/rsa.key; }

build
make_keys
make_images
use_rsa
if [ -f "$interop" ] && [ -d "$corpus" ]; then
    step_interop "$interop" "$corpus"
else
    [ -z "${SECIMG_REQUIRE_CORPUS:-}" ] || fail "no orthanc.sh: name its folder in SECIMG_INTEROP"
    note "SKIPPED: orthanc.sh, which is not there (name its folder in SECIMG_INTEROP)"
fi
step_sanitizers
step_clear_files
step_without_private_key
step_wrong_key
step_misconfigured
step_damage
step_ranges
step_removal
step_concurrency
step_restart
step_kinds_of_keys
step_signed
[ "$rounds" = 0 ] || step_speed
printf 'test result: ok. %d passed; 0 failed\n' "$passed"
