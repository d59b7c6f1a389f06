#!/usr/bin/env bash
# Builds the C++ examples and runs them on real files:   test.sh LIBDIR INCLUDEDIR
#
# LIBDIR has libsecimg.so or libsecimg.a, INCLUDEDIR has secimg.h and secimg.hpp. An installed CMake package beside LIBDIR is used;
# where there is none, one is written for this run. $SECIMG_CORPUS has dicom/CT_small.dcm and others.
# Needs cmake and a C++17 compiler; OpenCV's core, DCMTK with dcmdump, and GDCM with gdcminfo and gdcmraw. What is missing is skipped,
# and fails where SECIMG_REQUIRE_TOOLS is set.
set -euo pipefail
[ $# = 2 ] || { echo "usage: $0 LIBDIR INCLUDEDIR" >&2; exit 2; }
libdir=$(realpath "$1") include=$(realpath "$2")
here=$(cd "$(dirname "$0")" && pwd)
corpus=$(realpath "${SECIMG_CORPUS:-$here/../../../shared/corpus}")
export LC_ALL=C

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 077

pass() { printf 'PASS: %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
skip() {
    printf 'SKIPPED: %s\n' "$*" >&2
    [ -z "${SECIMG_REQUIRE_TOOLS:-}" ] || fail "nothing may be skipped here"
}
has() { command -v "$1" >/dev/null 2>&1; }

# The CMake package: the installed one, or one that names the two folders.
package=$(find "$libdir" "$libdir/../share" -maxdepth 3 -name secimg-config.cmake -print -quit 2>/dev/null || true)
if [ -z "$package" ]; then
    library=$libdir/libsecimg.so
    [ -e "$library" ] || library=$libdir/libsecimg.a
    package=$work/package/secimg-config.cmake
    mkdir -p "$work/package"
    cat >"$package" <<END
add_library(secimg::secimg UNKNOWN IMPORTED)
set_target_properties(secimg::secimg PROPERTIES IMPORTED_LOCATION "$library" INTERFACE_INCLUDE_DIRECTORIES "$include")
END
fi
cmake -S "$here" -B "$work/build" -DCMAKE_BUILD_TYPE=RelWithDebInfo "-DCMAKE_CXX_FLAGS=${CXXFLAGS:-} -Werror" \
    "-Dsecimg_DIR=$(dirname "$package")" >"$work/said" 2>&1 || { cat "$work/said" >&2; fail "cmake"; }
grep -A1 'NOT built' "$work/said" >&2 || true
cmake --build "$work/build" >"$work/said" 2>&1 || { cat "$work/said" >&2; fail "the build"; }
pass "built with $(basename "$(dirname "$package")")/$(basename "$package")"
export LD_LIBRARY_PATH=$libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

# example NAME ARGUMENTS...: runs an example, keeps what it says in $work/said, and prints it.
built() { [ -x "$work/build/$1" ] || { skip "$1 is not built"; return 1; }; }
example() {
    local name=$1
    shift
    "$work/build/$name" "$@" >"$work/said" || fail "$name $*"
    sed "s/^/    $name: /" "$work/said"
}
said() { sed -n "s/^$1: //p" "$work/said"; }

if built opencv_mat; then
    example opencv_mat
    [ "$(said received)" = "5 frames, equal" ] || fail "opencv_mat"
    case $(said 'frame 0') in "equal, into rows of 2000 bytes, "*) ;; *) fail "opencv_mat: $(said 'frame 0')" ;; esac
    pass "opencv_mat: frames of four types came out equal, one of them into a part of a cv::Mat"
fi

# What DCMTK's and GDCM's own commands read in the plain file.
dump() { dcmdump -q +P "$1" "$2" 2>/dev/null | sed -n '1s/^[^[]*\[\(.*\)\].*/\1/p;1s/^([^)]*) US \([0-9]*\).*/\1/p'; }

# reader NAME: an example that reads DICOM says the same of the sealed file as dcmdump of the plain one, for little.
reader() {
    local name=$1 rows columns header
    example "$name" "$sealed/hospital.key" "$sealed/scanner.pub" "$sealed/$file.secimg" "$work/$name.pixels"
    rows=$(dump 0028,0010 "$plain") columns=$(dump 0028,0011 "$plain")
    [ -n "$rows" ] && [ "$(said 'rows x columns')" = "$rows x $columns" ] || fail "$name: $file: not $rows x $columns"
    [ "$(said patient | sed 's/ *$//')" = "$(dump 0010,0010 "$plain" | sed 's/ *$//')" ] || fail "$name: $file: another patient"
    pass "$name: $file: patient, rows and columns as dcmdump reads them in the plain file"
    header=$(said header | cut -d' ' -f1)
    [ "$header" -le 131072 ] || fail "$name: $file: $header bytes decrypted for a header"
    pass "$name: $file: $header bytes decrypted for the header, of $(stat -c %s "$plain")"
}

# refused NAME: a file that was changed in the middle is refused, and the example says why.
refused() {
    cp "$sealed/$file.secimg" "$work/changed"
    printf 'x' | dd of="$work/changed" bs=1 seek=$(($(stat -c %s "$plain") / 2)) conv=notrunc status=none
    if "$work/build/$1" "$sealed/hospital.key" "$sealed/scanner.pub" "$work/changed" "$work/none" >"$work/said" 2>&1; then
        fail "$1 took a changed file"
    fi
    grep -q 'not authentic' "$work/said" || { cat "$work/said" >&2; fail "$1: $file: refused for another reason"; }
    [ ! -e "$work/none" ] || fail "$1 wrote pixels of a changed file"
    pass "$1: $file: changed in the middle, refused: $(tail -n 1 "$work/said")"
}

for file in CT_small.dcm 693_UNCI.dcm liver.dcm; do
    plain=$corpus/dicom/$file sealed=$work/$file
    [ -e "$plain" ] || { skip "no $plain"; continue; }
    mkdir "$sealed"
    example seal_file "$plain" "$sealed"
    pass "seal_file: $file: sealed on disk and opened to the same bytes"
    has dcmdump || { skip "no dcmdump to compare with"; continue; }
    if built dcmtk_read; then
        reader dcmtk_read
        mkdir "$work/raw"
        dcmdump -q +W "$work/raw" "$plain" >/dev/null
        cmp "$work/raw/"*.0.raw "$work/dcmtk_read.pixels" || fail "dcmtk_read: $file: other pixels"
        rm -r "$work/raw"
        pass "dcmtk_read: $file: pixel data as dcmdump extracts it from the plain file"
        refused dcmtk_read
    fi
    if built gdcm_read; then
        reader gdcm_read
        if has gdcmraw; then
            gdcmraw -i "$plain" -o "$work/gdcmraw" -t 7fe0,0010 || fail "gdcmraw $file"
            cmp "$work/gdcmraw" "$work/gdcm_read.pixels" || fail "gdcm_read: $file: other pixels"
            pass "gdcm_read: $file: pixels as gdcmraw extracts them from the plain file"
        else
            skip "no gdcmraw to compare with"
        fi
        refused gdcm_read
    fi
done
