#!/usr/bin/env bash
# scripts/build.sh PRESET [TARGET…]: configures and builds into build/PRESET. Says little when all is well.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=$1
shift
mkdir -p "build/$preset"

if ! cmake --preset "$preset" >"build/$preset/configure.txt" 2>&1; then
  cat "build/$preset/configure.txt" >&2
  exit 1
fi
# A terminal gets ninja's one moving line; a log file gets compiler messages only.
quiet=()
[[ -t 1 ]] || quiet=(--quiet)
began=$SECONDS
ninja -C "build/$preset" "${quiet[@]}" ${JOBS:+-j "$JOBS"} "$@"
echo "build/$preset: built in $((SECONDS - began)) s"
