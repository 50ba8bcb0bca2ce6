#!/usr/bin/env bash
# Checks archives with the tools that customers have: unzip, bsdtar, Python's zipfile and 7z.
# Usage: contract-tests/archives/tools.sh [case…]; needs 10 GB of room for huge-entry. Missing tools are installed
# where apt-get and root are at hand, else they are an error.
set -u
cd "$(dirname "$0")/../.."
export LC_ALL=C.UTF-8

need() {
  command -v "$1" >/dev/null && return
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get install -y -qq "$2" >/dev/null 2>&1
  command -v "$1" >/dev/null || { echo "missing: $1 (package $2)"; exit 2; }
}
need unzip unzip
need bsdtar libarchive-tools
need python3 python3
need 7z p7zip-full

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

check() {
  local case=$1 tool=$2
  shift 2
  if "$@" >"$work/log" 2>&1; then
    passed=$((passed + 1)); echo "ok     $case $tool"
  else
    failed=$((failed + 1)); echo "FAILED $case $tool"; tail -5 "$work/log"
  fi
}

# unzip ends with 1, a warning, on an archive without entries.
unzip_test() {
  unzip -tq "$1" || { [ $? = 1 ] && [ ! -s "$1.names" ]; }
}

bsdtar_test() {
  bsdtar -tf "$1" --null >/dev/null && bsdtar -xOf "$1" >/dev/null &&
    [ "$(bsdtar -tf "$1" | wc -l)" = "$(tr -cd '\0' <"$1.names" | wc -c)" ]
}

# Extracts and compares the names on disk with those that were asked for.
extract_test() {
  local into="$work/out"
  rm -rf "$into"; mkdir "$into"
  [ -s "$1.names" ] || return 0
  unzip -q "$1" -d "$into" &&
    diff <(cd "$into" && find . -type f -print0 | sed -z 's#^\./##' | sort -z | sha256sum) <(sort -z "$1.names" | sha256sum)
}

for case in "${@:-empty-file empty-folder non-ascii long-name many-files huge-entry edge-entry marker-entry}"; do
  for name in $case; do
    zip="$work/$name.zip"
    if ! node_modules/.bin/tsx contract-tests/archives/make.ts "$name" "$zip"; then
      failed=$((failed + 1)); echo "FAILED $name could not be made"; continue
    fi
    # Info-ZIP's unzip 6.0 mistakes a size of exactly 4 GiB - 1 for the marker of a missing field.
    [ "$name" = marker-entry ] || check "$name" unzip unzip_test "$zip"
    check "$name" bsdtar bsdtar_test "$zip"
    check "$name" python python3 contract-tests/archives/check.py "$zip"
    check "$name" 7z 7z t "$zip"
    # 4 GiB need not be written out, and the folder would make the longest path too long.
    case $name in *-entry | long-name) ;; *) check "$name" extract extract_test "$zip" ;; esac
    rm -rf "$zip" "$zip.names" "$work/out"
  done
done
echo "archives: $((passed + failed)) checks, $passed passed"
[ "$failed" = 0 ]
