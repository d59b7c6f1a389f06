#!/bin/sh
# Builds and installs the C library without cargo-c, on Linux and the BSDs, and on macOS:
#
#   include/install.sh                                   below /usr/local
#   PREFIX=$HOME/.local include/install.sh
#   PREFIX=/usr LIBDIR=lib/x86_64-linux-gnu DESTDIR=/tmp/package include/install.sh
#
# PREFIX       where it will be used; an absolute path
# LIBDIR       the folder of the libraries, below PREFIX or absolute (default: lib)
# DESTDIR      put in front of every path that is written, and in no file
# CARGO        the cargo to use
# CARGO_FLAGS  more words for it, such as --offline
#
# What it installs: libsecimg.so with a soname and the links to it (macOS: libsecimg.dylib with an install name), libsecimg.a,
# secimg.pc, secimg.h and secimg.hpp with its parts, and the package for CMake. README.md says what to do on Windows.
set -eu
cd "$(dirname "$0")/.."

prefix=${PREFIX:-/usr/local}
libdir=${LIBDIR:-lib}
cargo=${CARGO:-cargo}
destination=${DESTDIR:-}

fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

case $prefix in
/*) prefix=${prefix%/} ;;
*) fail "PREFIX must be an absolute path, not $prefix" ;;
esac
case $libdir in
"$prefix"/*) libdir=${libdir#"$prefix"/} ;;
esac
case $libdir in
/*) full_libdir=$libdir pc_libdir=$libdir ;;
*) full_libdir=$prefix/$libdir pc_libdir="\${prefix}/$libdir" ;;
esac

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
# A minor version may change the ABI while the major one is 0. (`cargo cinstall` follows the same rule.)
case $version in
0.*) series=$(printf '%s' "$version" | cut -d. -f1,2) ;;
*) series=${version%%.*} ;;
esac

case $(uname -s) in
Darwin)
    file=libsecimg.$version.dylib name=libsecimg.$series.dylib link=libsecimg.dylib built=libsecimg.dylib
    named="-Wl,-install_name,$full_libdir/$name,-current_version,$version,-compatibility_version,$series"
    ;;
MINGW* | MSYS* | CYGWIN*) fail "see README.md for Windows" ;;
*)
    file=libsecimg.so.$version name=libsecimg.so.$series link=libsecimg.so built=libsecimg.so
    named=-Wl,-soname,$name
    ;;
esac

# In a folder of its own: a program that was linked with target/release/libsecimg.so would not find it any more under
# the name that is set here.
target=${CARGO_TARGET_DIR:-target}/install
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # CARGO_FLAGS is a list of words
if ! "$cargo" rustc --locked --release --lib --crate-type cdylib,staticlib --target-dir "$target" ${CARGO_FLAGS:-} \
    -- -C "link-arg=$named" --print native-static-libs 2>"$log"; then
    cat "$log" >&2
    exit 1
fi
# What a program that links libsecimg.a needs besides.
needed=$(sed -n 's/^note: native-static-libs: //p' "$log" | tail -n 1)
[ -n "$needed" ] || { cat "$log" >&2; fail "rustc did not say what the static library needs"; }

put() { # MODE FILE FOLDER [NAME]
    to=$destination$3/${4:-${2##*/}}
    mkdir -p "$destination$3"
    # A program that runs keeps the library that it has.
    rm -f "$to"
    cp "$2" "$to"
    chmod "$1" "$to"
    printf '%s\n' "$to"
}

put 755 "$target/release/$built" "$full_libdir" "$file"
ln -sf "$file" "$destination$full_libdir/$name"
ln -sf "$file" "$destination$full_libdir/$link"
put 644 "$target/release/libsecimg.a" "$full_libdir"
put 644 include/secimg.h "$prefix/include"
put 644 include/secimg.hpp "$prefix/include"
for part in include/secimg/*.hpp; do
    put 644 "$part" "$prefix/include/secimg"
done
for module in include/cmake/*.cmake; do
    put 644 "$module" "$prefix/share/cmake/secimg"
done

cat >"$log" <<END
prefix=$prefix
libdir=$pc_libdir
includedir=\${prefix}/include

Name: secimg
Description: Image encryption with proof of origin
Version: $version
Libs: -L\${libdir} -lsecimg
Libs.private: $needed
Cflags: -I\${includedir}
END
put 644 "$log" "$full_libdir/pkgconfig" secimg.pc
