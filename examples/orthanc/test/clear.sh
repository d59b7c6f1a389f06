# Clear files of before, and what a server without the private key can do. Sourced by test.sh.

step_clear_files() {
    start mixed ''  || fail "Orthanc does not start without the plugin"
    local before now
    before=$(upload small.dcm)
    stop
    start mixed "$plugin" || fail "Orthanc does not start with the plugin"
    now=$(upload other.dcm)
    same "$before" small.dcm "a clear file of before"
    expect "the tags of a clear file" "$(code "instances/$before/tags")" = 200
    expect "clear files are counted" "$(statistic ClearReads)" -ge 2
    same "$now" other.dcm "a sealed file beside clear ones"
    stop
    expect "clear files in the store" "$(attachments mixed | xargs grep -la DICM | wc -l)" = 1
    pass "a clear file of before is read beside a sealed one"

    start mixed "$plugin" ', "Secimg": { "AllowClear": false }' || fail "Orthanc does not start"
    refused "instances/$before/file" "AllowClear is false"
    logged "is not sealed" "AllowClear is false"
    same "$now" other.dcm "sealed, with AllowClear false"
    stop
    pass "AllowClear false refuses clear files and reads sealed ones"
    step_migration "$before"
}

# Needs the command: seal_clear.sh replaces what is clear, one file after another.
step_migration() {
    if [ -z "$secimg" ]; then
        [ -z "${SECIMG_REQUIRE_TOOLS:-}" ] || fail "the secimg command is needed: name it in SECIMG"
        note "SKIPPED: migration of clear files, for the secimg command is not there (name it in SECIMG)"
        return
    fi
    PATH=$(dirname "$secimg"):$PATH "$here/seal_clear.sh" "$work/mixed" -r rsa.key.pub >"$work/migrated" || fail "seal_clear.sh"
    expect "clear files after the migration" "$(attachments mixed | xargs grep -la DICM | wc -l)" = 0
    start mixed "$plugin" ', "Secimg": { "AllowClear": false }' || fail "Orthanc does not start"
    same "$1" small.dcm "a migrated file"
    expect "the tags of a migrated file" "$(code "instances/$1/tags")" = 200
    stop
    "$secimg" decrypt --quiet -i rsa.key -O "$work/opened" "$(newest mixed)" || fail "the command opens no stored file"
    cmp -s "$work/opened/$(basename "$(newest mixed)")" other.dcm ||
        cmp -s "$work/opened/$(basename "$(newest mixed)")" small.dcm || fail "the command gives other bytes"
    pass "$(cat "$work/migrated")"
    pass "the secimg command opens a file of the store"
}

step_without_private_key() {
    SECIMG_ORTHANC_IDENTITIES='' start ingest "$plugin" || fail "Orthanc does not start without a private key"
    logged "no private key" "ingest only"
    local id answered route
    id=$(upload small.dcm)
    storescu -aec SECIMG 127.0.0.1 14243 other.dcm || fail "storescu without a private key"
    for route in file tags simplified-tags preview header attachments/dicom/data; do
        refused "instances/$id/$route" "without a private key"
    done
    logged "there is no private key here" "without a private key"
    for route in "instances/$id" "instances/$id/metadata" studies patients statistics changes "instances/$id/attachments/dicom/md5"; do
        answered=$(code "$route")
        expect "without a private key, $route" "$answered" = 200
    done
    findscu -S -aec SECIMG -k QueryRetrieveLevel=STUDY -k PatientName='PATIENT*' -k StudyInstanceUID 127.0.0.1 14243 \
        >"$work/found" 2>&1 || fail "findscu without a private key"
    expect "studies found without a private key" "$(grep -c 'PATIENT\^' "$work/found")" -ge 2
    curl -sf -X DELETE "$url/instances/$id" -o "$work/answer" || fail "DELETE without a private key"
    expect "files left without a private key" "$(attachments ingest | wc -l)" = 1
    id=$(upload small.dcm)
    stop
    start ingest "$plugin" || fail "Orthanc does not start"
    same "$id" small.dcm "ingested without the private key, read with it"
    stop
    pass "without the private key: takes by REST and C-STORE, finds, deletes, and reads nothing; with it all is read"
}

step_wrong_key() {
    SECIMG_ORTHANC_IDENTITIES=$work/wrong.key start ingest "$plugin" || fail "Orthanc does not start with another key"
    logged "what is stored from now on cannot be read here" "a wrong key"
    local id
    id=$(curl -sf "$url/instances" | sed -n 's/.*"\([0-9a-f-]*\)".*/\1/p' | head -n 1)
    refused "instances/$id/file" "a wrong key"
    refused "instances/$id/tags" "a wrong key"
    stop
    pass "another private key reads nothing, and the log says so at the start"
}

# Orthanc must not come up with plain storage where the plugin did not load.
refuses_to_start() {
    local why=$1 says=$2
    shift 2
    if start refused "$plugin" "$@"; then
        stop
        fail "$why: Orthanc starts"
    fi
    logged "$says" "$why"
    expect "$why: files stored" "$(attachments refused | wc -l)" = 0
}

step_misconfigured() {
    SECIMG_ORTHANC_RECIPIENTS='' refuses_to_start "no recipient" "no recipient"
    refuses_to_start "a misspelt option" "has no option Recipient$" ', "Secimg": { "Recipient": "rsa.key.pub" }'
    refuses_to_start "a bad chunk size" "power of two" ', "Secimg": { "ChunkSize": 5000 }'
    refuses_to_start "a bad truth value" "true or false" ', "Secimg": { "AllowClear": "no" }'
    SECIMG_ORTHANC_CHUNK_SIZE=many refuses_to_start "a bad variable" "SECIMG_ORTHANC_CHUNK_SIZE must be"
    SECIMG_ORTHANC_RECIPIENTS=$work/missing.pub refuses_to_start "a missing key" "missing.pub: .*No such file"
    install -m 644 rsa.key shared.key
    SECIMG_ORTHANC_IDENTITIES=$work/shared.key refuses_to_start "a key that others can read" "shared.key: "
    SECIMG_ORTHANC_IDENTITIES=$work/locked.key refuses_to_start "an encrypted key without a passphrase" "locked.key: "
    install -m 644 passphrase shared-passphrase
    SECIMG_ORTHANC_IDENTITIES=$work/locked.key SECIMG_ORTHANC_PASSPHRASE_FILE=$work/shared-passphrase \
        refuses_to_start "a passphrase that others can read" "others than its owner"
    SECIMG_ORTHANC_RECIPIENTS=$work/rsa.key.pub:$work/hybrid.key.pub refuses_to_start "hybrid beside RSA" "not started: .*mix"
    pass "10 wrong configurations: Orthanc does not start, and stores nothing"
}
