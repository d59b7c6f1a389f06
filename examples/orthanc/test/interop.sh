# The project's own run of a real Orthanc, judged. Sourced by test.sh.

patients_of() {
    dcmdump +P PatientName "$@" | sed -n 's/.*\[\(.*\)\].*/\1/p' | grep -v '^ *$' | sort -u
}

step_interop() {
    local script=$1 corpus=$2 said store
    said=$work/interop
    (unset IN_NS; PLUGIN=$plugin bash "$script") >"$said" 2>&1 || { cat "$said" >&2; fail "$script"; }
    store=$(sed -n 's/.*store: //p' "$said")
    [ -d "$store" ] || { cat "$said" >&2; fail "no store"; }
    local line
    for line in '^uploaded [0-9a-f]' '^storescu rc=0' '^tags 200' '^frame 200 [1-9]' '^file identical' '^dicomweb 200 [1-9]' \
        '"CountInstances" : 2'; do
        grep -q "$line" "$said" || { cat "$said" >&2; fail "orthanc.sh: no '$line'"; }
    done
    patients_of "$corpus/jpeg_baseline_8bit.dcm" "$corpus/693_UNCI.dcm" >"$work/names"
    [ -s "$work/names" ] || fail "no patient names to look for"
    find "$store" -mindepth 3 -type f >"$work/files"
    expect "files in the store" "$(wc -l <"$work/files")" = 2
    [ -z "$(xargs grep -la DICM <"$work/files")" ] || fail "DICM in the store"
    [ -z "$(xargs grep -laF -f "$work/names" <"$work/files")" ] || fail "a patient's name in the store"
    # The control: the same words are found in the index, where the README says that they are.
    grep -qaF -f "$work/names" "$store"/index* || fail "the names are not in the index either: nothing was looked for"
    rm -rf "$(dirname "$store")"
    pass "orthanc.sh: REST, C-STORE, tags, frame, file and DICOMweb; no DICM and none of $(wc -l <"$work/names") names in the store"
}
