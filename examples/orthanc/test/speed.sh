# Speed and memory beside plain storage, alternating. Sourced by test.sh.

# make_load FOLDER COUNT BYTES NUMBER
make_load() {
    mkdir -p "$1"
    python3 "$here/test/dicom.py" "$1/" "$4" "$3" "$2"
}

# one_run STORE PLUGIN FOLDER RESULTS
one_run() {
    rm -rf "${work:?}/$1"
    start "$1" "$2" || fail "Orthanc does not start"
    python3 "$here/test/load.py" "$url" "$pid" "$3" >>"$4" || fail "load"
    stop
}

# compare WHAT FOLDER
compare() {
    local round said
    rm -f plain.runs sealed.runs
    for round in $(seq 1 "$rounds"); do
        one_run plain '' "$2" plain.runs
        one_run speed "$plugin" "$2" sealed.runs
    done
    said=$(python3 "$here/test/ratios.py" plain.runs sealed.runs) || fail "$1: $said"
    pass "$1, median of $rounds: $said"
}

step_speed() {
    compare "200 of 0.5 MB, RSA 3072" load
    compare "20 of 5 MB, RSA 3072" big
    export SECIMG_ORTHANC_RECIPIENTS=$work/hybrid.key.pub SECIMG_ORTHANC_IDENTITIES=$work/hybrid.key
    compare "200 of 0.5 MB, hybrid" load
    compare "20 of 5 MB, hybrid" big
    use_rsa
}
