# Orthanc over folders of its own, and words for what is judged. Sourced by test.sh, inside its network namespace.

passed=0
pass() { passed=$((passed + 1)); printf 'PASS: %s\n' "$1"; }
note() { printf 'NOTE: %s\n' "$1"; }
fail() {
    printf 'FAILED: %s\n' "$1" >&2
    [ ! -f "$log" ] || { echo "--- the end of Orthanc's log" >&2; tail -n 15 "$log" >&2; }
    exit 1
}
expect() { [ "$2" "$3" "$4" ] || fail "$1: $2 $3 $4 does not hold"; }

url=http://127.0.0.1:18043
log=$work/orthanc.log
pid=

# configure STORE PLUGIN [JSON]: the configuration of an Orthanc over $work/STORE. PLUGIN may be empty; JSON begins with a comma.
# Without KeepAlive: Orthanc 1.10.1 closes a connection that is idle for a second, under a client that a busy machine holds up.
configure() {
    mkdir -p "$work/$1"
    cat >"$work/$1.json" <<J
{ "Name": "secimg", "StorageDirectory": "$1", "IndexDirectory": "$1", "HttpPort": 18043, "DicomPort": 14243,
  "RemoteAccessAllowed": false, "AuthenticationEnabled": false, "MaximumStorageCacheSize": 0,
  "DicomAlwaysAllowFind": true, "KeepAlive": false, "Plugins": [ ${2:+\"$2\"} ] ${3:-} }
J
}

# Starts it, and returns 1 where it ends instead of answering.
start() {
    configure "$@"
    Orthanc "$work/$1.json" >"$log" 2>&1 &
    pid=$!
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        kill -0 "$pid" 2>/dev/null || { wait "$pid" || true; pid=; return 1; }
        ! curl -s -o "$work/answer" "$url/system" || return 0
        sleep 0.05
    done
    fail "Orthanc does not answer"
}

stop() {
    [ -n "$pid" ] || return 0
    kill "$pid" 2>/dev/null || true
    wait "$pid" || true
    pid=
}

# upload FILE: prints the instance's id. Without an empty Expect header curl waits a second for each.
upload() {
    curl -sf -H 'Expect:' -X POST "$url/instances" --data-binary "@$1" >"$work/answer" || fail "$1 was not taken"
    sed -n 's/.*"ID" : "\(.*\)".*/\1/p' "$work/answer"
}

code() { curl -s -o "$work/answer" -w '%{http_code}' "$url/$1"; }
served() { [ "$(code "instances/$1/file")" = 200 ] && cmp -s "$work/answer" "$2"; }
same() { served "$1" "$2" || fail "$3: other bytes, or none"; }
# A failure is an error for the client, and never a part of the file. Of a preview that it cannot decode, Orthanc says 415.
refused() {
    local got
    got=$(code "$1")
    [ "$got" = 500 ] || [ "$got" = 415 ] || fail "$2: $1 answers $got"
    [ "$(wc -c <"$work/answer")" -lt 4096 ] || fail "$2: $1 answers with bytes of the file"
}
logged() { grep -q "$1" "$log" || fail "$2: the log does not say '$1'"; }
statistic() { curl -sf "$url/secimg/statistics" | python3 -c 'import json,sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }

# The attachments, without the index.
attachments() { find "$work/$1" -mindepth 3 -type f | sort; }
# newest STORE: the file that was stored last. Orthanc 1.10.1 tells nobody under which UUID it stores.
newest() { find "$work/$1" -mindepth 3 -type f -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2; }

# flip FILE OFFSET: inverts one bit.
flip() {
    python3 - "$1" "$2" <<'P'
import sys
with open(sys.argv[1], "r+b") as file:
    file.seek(int(sys.argv[2]))
    byte = file.read(1)[0]
    file.seek(int(sys.argv[2]))
    file.write(bytes([byte ^ 0x10]))
P
}
