# Damage, keys of several kinds, ranges, removal, many clients and restarts. Sourced by test.sh.

step_damage() {
    start damaged "$plugin" ', "Secimg": { "CachedReaders": 0 }' || fail "Orthanc does not start"
    local id file size offset flips=0
    id=$(upload small.dcm)
    file=$(newest damaged)
    size=$(stat -c %s "$file")
    # Magic, header, recipients, and then chunk after chunk to the last byte.
    for offset in $(seq 0 13) 20 50 90 200 4000 4300 $(seq 5000 31013 $((size - 1))) $((size - 40)) $((size - 1)); do
        flip "$file" "$offset"
        refused "instances/$id/file" "bit flipped at $offset"
        refused "instances/$id/preview" "bit flipped at $offset"
        flip "$file" "$offset"
        flips=$((flips + 1))
    done
    for offset in 0 9 20 90 200 4300 $((size - 1)); do
        flip "$file" "$offset"
        refused "instances/$id/tags" "bit flipped at $offset"
        flip "$file" "$offset"
    done
    cp "$file" whole
    truncate -s -1 "$file"
    refused "instances/$id/file" "truncated"
    refused "instances/$id/tags" "truncated"
    truncate -s 5 "$file"
    refused "instances/$id/file" "truncated to a part of its magic"
    cp whole "$file"
    echo more >>"$file"
    refused "instances/$id/file" "longer"
    refused "instances/$id/tags" "longer"
    cp whole "$file"
    same "$id" small.dcm "the file as it was"
    local other
    other=$(upload other.dcm)
    cp "$(newest damaged)" "$file"
    refused "instances/$id/file" "another sealed file in its place"
    refused "instances/$id/tags" "another sealed file in its place"
    logged "was not sealed as this file" "another sealed file in its place"
    same "$other" other.dcm "the other file"
    stop
    pass "$flips flipped bits, truncation, added bytes and exchanged files: an error each time, never pixels"
}

# What a request decrypts, with no reader open.
decrypted_for() {
    local before
    before=$(statistic RangeDecryptedBytes)
    expect "$1" "$(code "$1")" = 200
    echo $(($(statistic RangeDecryptedBytes) - before))
}

step_ranges() {
    start ranges "$plugin" || fail "Orthanc does not start"
    local id name bytes again hits
    for name in "${large[@]}"; do
        id=$(upload "$name")
        bytes=$(decrypted_for "instances/$id/tags")
        expect "$name: decrypted for tags" "$bytes" -gt 0
        expect "$name: decrypted for tags" "$bytes" -lt 131072
        hits=$(statistic CacheHits)
        again=$(decrypted_for "instances/$id/tags")
        expect "cache hits" "$(statistic CacheHits)" -gt "$hits"
        pass "tags of $(basename "$name"), $(stat -c %s "$name") bytes: $bytes bytes decrypted; a second time $again"
        same "$id" "$name" "$name"
    done
    stop
    logged "statistics {.*RangeDecryptedBytes" "statistics at the end"
}

step_removal() {
    start removal "$plugin" || fail "Orthanc does not start"
    local id
    id=$(upload small.dcm)
    expect "the tags" "$(code "instances/$id/tags")" = 200
    expect "files" "$(attachments removal | wc -l)" = 1
    expect "rights" "$(stat -c %a "$(newest removal)")" = 600
    curl -sf -X DELETE "$url/instances/$id" -o "$work/answer" || fail "DELETE"
    expect "files after DELETE" "$(attachments removal | wc -l)" = 0
    expect "folders after DELETE" "$(find "$work/removal" -mindepth 1 -type d | wc -l)" = 0
    expect "files that are gone and held open" "$(find "/proc/$pid/fd" -lname "*removal/*deleted*" | wc -l)" = 0
    expect "removed files" "$(statistic RemovedFiles)" = 1
    stop
    pass "DELETE removes the file (mode 600) and its empty folders, and nothing holds it open"
}

step_concurrency() {
    start many "$plugin" || fail "Orthanc does not start"
    python3 "$here/test/clients.py" "$url" small.dcm other.dcm "${large[@]}" >"$work/said" 2>&1 ||
        { cat "$work/said" >&2; fail "many clients at once"; }
    expect "failures" "$(statistic Failures)" = 0
    stop
    pass "$(cat "$work/said")"
}

step_restart() {
    start restart "$plugin" || fail "Orthanc does not start"
    local first
    first=$(upload small.dcm)
    stop
    start restart "$plugin" || fail "Orthanc does not start again"
    same "$first" small.dcm "after a restart"
    pass "a restart: the same bytes"
    step_kill
}

# What the index knows must be whole after the process was killed at work.
step_kill() {
    local number id known=0
    for number in $(seq 1 200); do
        curl -s -H 'Expect:' -o /dev/null -X POST "$url/instances" --data-binary "@load/$number.dcm" || break
    done &
    local uploads=$!
    until [ "$(statistic StoredFiles)" -ge 6 ]; do
        sleep 0.1
    done
    kill -9 "$pid"
    wait "$pid" 2>/dev/null || true
    wait "$uploads" || true
    start restart "$plugin" || fail "Orthanc does not start after it was killed"
    for id in $(curl -sf "$url/instances" | grep -o '[0-9a-f]\{8\}-[0-9a-f-]*'); do
        expect "an instance after the kill" "$(code "instances/$id/file")" = 200
        expect "its digest" "$(curl -s -o "$work/answer" -w '%{http_code}' -X POST -d '' "$url/instances/$id/attachments/dicom/verify-md5")" = 200
        known=$((known + 1))
    done
    expect "instances after the kill" "$known" -ge 6
    expect "clear files after the kill" "$(find "$work/restart" -mindepth 3 -type f -exec grep -la DICM {} + | wc -l)" = 0
    stop
    pass "killed while it stored: all $known instances of the index are whole"
}

# round_trip STORE WHAT: stores and reads with the settings of the environment.
round_trip() {
    start "$1" "$plugin" "${3:-}" || fail "$2: Orthanc does not start"
    local id
    id=$(upload small.dcm)
    same "$id" small.dcm "$2"
    expect "$2: tags" "$(code "instances/$id/tags")" = 200
    expect "$2: clear files" "$(attachments "$1" | xargs grep -la 'DICM\|PATIENT' | wc -l)" = 0
    stop
}

step_kinds_of_keys() {
    SECIMG_ORTHANC_RECIPIENTS=$work/rsa.crt round_trip certificate "a certificate"
    SECIMG_ORTHANC_IDENTITIES=$work/locked.key SECIMG_ORTHANC_RECIPIENTS=$work/locked.pub \
        SECIMG_ORTHANC_PASSPHRASE_FILE=$work/passphrase round_trip locked "an encrypted private key of OpenSSL's"
    SECIMG_ORTHANC_RECIPIENTS=$work/hybrid.key.pub SECIMG_ORTHANC_IDENTITIES=$work/hybrid.key round_trip hybrid "a hybrid key"
    SECIMG_ORTHANC_RECIPIENTS=$work/wrong.key.pub:$work/rsa.key.pub \
        SECIMG_ORTHANC_IDENTITIES=$work/wrong.key:$work/rsa.key round_trip two "two recipients"
    round_trip compressed "Orthanc's own compression" ', "StorageCompression": true'
    # Paths of the configuration are counted from its folder, as Orthanc counts its own.
    SECIMG_ORTHANC_RECIPIENTS='' SECIMG_ORTHANC_IDENTITIES='' round_trip section "the configuration's section" ', "Secimg": {
        "Recipients": ["rsa.key.pub"], "Identities": "rsa.key", "ChunkSize": 65536, "CachedReaders": 4, "AllowClear": false }'
    pass "certificate, encrypted key, hybrid key, two recipients, compression, JSON section: the same bytes"
}

step_signed() {
    export SECIMG_ORTHANC_SIGNER=$work/signer.key SECIMG_ORTHANC_TRUSTED_SIGNERS=$work/signer.key.pub SECIMG_ORTHANC_CONTEXT=archive
    round_trip signed "signed, with a context"
    local id
    start signed "$plugin" || fail "Orthanc does not start"
    id=$(curl -sf "$url/instances" | grep -o '[0-9a-f]\{8\}-[0-9a-f-]*' | head -n 1)
    same "$id" small.dcm "signed, after a restart"
    stop
    SECIMG_ORTHANC_CONTEXT=other start signed "$plugin" || fail "Orthanc does not start"
    refused "instances/$id/file" "another context"
    stop
    SECIMG_ORTHANC_TRUSTED_SIGNERS=$work/wrong.key.pub start signed "$plugin" || fail "Orthanc does not start"
    refused "instances/$id/file" "another signer"
    refused "instances/$id/tags" "another signer"
    stop
    unset SECIMG_ORTHANC_SIGNER
    start unsigned "$plugin" || fail "Orthanc does not start"
    id=$(upload small.dcm)
    refused "instances/$id/file" "no signature"
    stop
    unset SECIMG_ORTHANC_TRUSTED_SIGNERS SECIMG_ORTHANC_CONTEXT
    pass "signed files are read; another context, another signer and no signature are refused"
}
