#!/usr/bin/env bash
# seal_clear.sh STORE RECIPIENTS...: seals the clear files of an Orthanc storage area, each in its place. RECIPIENTS are the
# options that `secimg encrypt` takes, for example: seal_clear.sh /var/lib/orthanc/db -r archive.pub
#
# Orthanc may run meanwhile, with the plugin: it reads the one or the other file, never a part. To stop and begin again does
# no harm, and neither does a second run. What it replaces is gone from the folder and not from the disk: blocks that were
# free'd keep their bytes until they are written again.
set -euo pipefail
[ $# -ge 2 ] || { echo "usage: seal_clear.sh STORE RECIPIENTS..." >&2; exit 2; }
store=$1
shift
command -v secimg >/dev/null || { echo "seal_clear.sh needs the secimg command" >&2; exit 1; }

magic=8953494d470d0a1a
sealed=0
kept=0
while IFS= read -r -d '' file; do
    if [ "$(head -c 8 "$file" | od -An -tx1 | tr -d ' \n')" = "$magic" ]; then
        kept=$((kept + 1))
        continue
    fi
    # The stored name is the UUID, which the plugin compares.
    secimg encrypt --quiet --force "$@" -o "$file.part" "$file"
    # One that Orthanc removed meanwhile must not come back.
    if [ -e "$file" ]; then
        mv "$file.part" "$file"
        sealed=$((sealed + 1))
    else
        rm "$file.part"
    fi
done < <(find "$store" -mindepth 3 -maxdepth 3 -type f -regextype posix-extended -regex '.*/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' -print0)
echo "$sealed sealed, $kept were sealed before"
