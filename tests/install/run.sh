#!/usr/bin/env bash
# Builds programs against an installed secimg, and runs them:
#
#   tests/install/run.sh PREFIX [LIBDIR]
#
# with pkg-config and with CMake, shared and static, in C and in C++; then asks for other versions, and moves the installed
# folder. PREFIX is a folder of its own with nothing else in it; LIBDIR is the folder of the libraries below it (default: lib).
# For platforms with ELF libraries. Needs CMake, pkg-config, readelf and a C++ compiler: CC, CXX.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
prefix=$(cd "$1" && pwd)
libdir=${2:-lib}
export CC=${CC:-cc} CXX=${CXX:-c++}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$here/../../Cargo.toml" | head -n 1)
IFS=. read -r major minor patch <<<"$version"
series=$major
[ "$major" != 0 ] || series=0.$minor
soname=libsecimg.so.$series
passed=0

pass() {
    echo "PASS $*"
    passed=$((passed + 1))
}
fail() {
    echo "FAIL $*" >&2
    exit 1
}

# Which libsecimg a program or library asks for, or nothing.
needed() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(libsecimg[^]]*\)\]/\1/p'; }

# KIND PROGRAM FOLDER: it runs, with the library that it should have.
runs() {
    case $1 in
    shared) [ "$(needed "$2")" = "$soname" ] || fail "$2 needs '$(needed "$2")', not $soname" ;;
    static) [ -z "$(needed "$2")" ] || fail "$2 needs $(needed "$2") and should be static" ;;
    esac
    LD_LIBRARY_PATH=$3 "$2" "$version" >"$work/said" || fail "$2 ended with $?"
    grep -q "^secimg $version opens what it sealed" "$work/said" || fail "$2 said: $(cat "$work/said")"
}

check_files() {
    local file
    for file in "$here"/../../include/*.h* "$here"/../../include/secimg/*.hpp; do
        cmp "$file" "$prefix/include/${file##*/include/}" || fail "${file##*/} is not what the source has"
    done
    for file in "$here"/../../include/cmake/*.cmake; do
        cmp "$file" "$prefix/share/cmake/secimg/${file##*/}" || fail "${file##*/} is not what the source has"
    done
    [ -f "$prefix/$libdir/libsecimg.a" ] || fail "there is no static library"
    for file in libsecimg.so "$soname"; do
        [ "$(readlink "$prefix/$libdir/$file")" = "libsecimg.so.$version" ] || fail "$file is not a link to libsecimg.so.$version"
    done
    file=$(readelf -d "$prefix/$libdir/libsecimg.so" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
    [ "$file" = "$soname" ] || fail "the soname is '$file', not $soname"
    pass "installed: every header, the package for CMake, both libraries, soname $soname"
}

check_pkg_config() {
    export PKG_CONFIG_LIBDIR=$prefix/$libdir/pkgconfig PKG_CONFIG_PATH=
    [ "$(pkg-config --modversion secimg)" = "$version" ] || fail "pkg-config gives version $(pkg-config --modversion secimg)"
    local strict="-Wall -Wextra -Wpedantic -Werror" flags libs kind language compile
    flags=$(pkg-config --cflags secimg)
    for kind in shared static; do
        libs=$(pkg-config --libs secimg)
        if [ $kind = static ]; then
            # Where both libraries are, -lsecimg is the shared one.
            libs=$(pkg-config --static --libs secimg)
            libs=${libs/-lsecimg/$prefix/$libdir/libsecimg.a}
        fi
        for language in c cpp; do
            compile="$CC -std=c99"
            [ $language = c ] || compile="$CXX -std=c++17"
            # shellcheck disable=SC2086 # lists of words
            $compile $strict $flags "$here/consumer.$language" -o "$work/pc_${kind}_$language" $libs
            runs $kind "$work/pc_${kind}_$language" "$prefix/$libdir"
            pass "pkg-config, $kind, $language: $libs"
        done
    done
    [ "$(pkg-config --variable=libdir secimg)" = "$prefix/$libdir" ] || fail "libdir is $(pkg-config --variable=libdir secimg)"
}

# What rustc said is in secimg.pc; the package for CMake has a list of its own.
check_system_libraries() {
    local said listed
    said=$(sed -n 's/^Libs.private: //p' "$prefix/$libdir/pkgconfig/secimg.pc" | tr ' ' '\n' | sed -n 's/^-l//p' | grep -vx -e gcc_s -e c | sort -u)
    listed=$(sed -n 's/^  set(_secimg_system \(.*\)) # ELF$/\1/p' "$prefix/share/cmake/secimg/secimg-config.cmake" | tr ' ' '\n' | sort -u)
    [ -n "$listed" ] && [ "$said" = "$listed" ] || fail "libsecimg.a needs" $said "and the package for CMake lists" $listed
    pass "the static library needs" $said
}

# PREFIX ARGUMENT...: configures the consumer in $work/build.
configure() {
    local at=$1
    shift
    rm -rf "$work/build"
    cmake -S "$here" -B "$work/build" -DCMAKE_PREFIX_PATH="$at" -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF "$@" >"$work/cmake.log" 2>&1
}

# KIND PREFIX ARGUMENT...: CMake finds it there, and the programs have that library.
cmake_consumer() {
    local kind=$1 at=$2 language
    shift 2
    configure "$at" "$@" || { cat "$work/cmake.log"; fail "CMake, $*"; }
    cmake --build "$work/build" >"$work/cmake.log" 2>&1 || { cat "$work/cmake.log"; fail "CMake's build, $*"; }
    for language in c cpp; do
        # CMake has put the library's folder into the program: nothing need be set.
        runs "$kind" "$work/build/consumer_$language" ""
        pass "CMake, $kind, $language${place:+, $place}: $*"
    done
}

check_cmake() {
    cmake_consumer shared "$1" -DKIND=shared
    cmake_consumer static "$1" -DKIND=static
    cmake_consumer shared "$1" -DKIND=
    cmake_consumer static "$1" -DKIND= -DBUILD_SHARED_LIBS=OFF
}

check_versions() {
    local wanted
    for wanted in "$major.$minor" "$version" "$major.$minor...$major.$((minor + 2))"; do
        configure "$prefix" -DWANTED="$wanted" || { cat "$work/cmake.log"; fail "version $wanted is refused"; }
    done
    for wanted in "$major.$((minor + 1))" "$major.$minor.$((patch + 1))" "$((major + 1))" "$major.$((minor + 1))...$((major + 1))" \
        "$major.0...<$version" "0.0.9"; do
        ! configure "$prefix" -DWANTED="$wanted" || fail "version $wanted is found where $version is installed"
        grep -q "version: $version" "$work/cmake.log" || { cat "$work/cmake.log"; fail "version $wanted is refused for another reason"; }
    done
    ! configure "$prefix" -DKIND=framework || fail "a component that does not exist is found"
    grep -q "component framework is not installed" "$work/cmake.log" || fail "a component is refused for another reason"
    pass "CMake: 3 versions found, 6 others and an unknown component refused"
}

# Nothing of the first place may be needed.
check_moved() {
    local moved=$work/moved place=moved
    mv "$prefix" "$moved"
    ( cmake_consumer shared "$moved" -DKIND=shared && cmake_consumer static "$moved" -DKIND=static ) || { mv "$moved" "$prefix"; exit 1; }
    # Where distributions put it.
    place=$libdir/cmake
    mkdir -p "$moved/$libdir/cmake"
    mv "$moved/share/cmake/secimg" "$moved/$libdir/cmake/secimg"
    ( cmake_consumer shared "$moved" -DKIND=shared ) || fail "$libdir/cmake"
    mv "$moved/$libdir/cmake/secimg" "$moved/share/cmake/secimg"
    rmdir "$moved/$libdir/cmake"
    mv "$moved" "$prefix"
    passed=$((passed + 6))
}

check_files
check_pkg_config
check_system_libraries
check_cmake "$prefix"
check_versions
check_moved
echo "$passed passed: secimg $version in $libdir"
