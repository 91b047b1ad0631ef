#!/usr/bin/env bash
# scripts/lint.sh [all]: formatting of every file; clang-tidy over the sources changed since HEAD
# (with "all": over every source). Needs build/debug/compile_commands.json, which `make lint` makes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mapfile -t every < <(git ls-files --cached --others --exclude-standard '*.cpp' '*.h')
clang-format-19 --dry-run -Werror "${every[@]}"
echo "format: ${#every[@]} files as they should be"

if [[ ${1:-} == all ]]; then
  mapfile -t sources < <(printf '%s\n' "${every[@]}" | grep '\.cpp$')
else
  mapfile -t sources < <({ git diff --name-only --diff-filter=d HEAD -- '*.cpp' 2>/dev/null || true
                           git ls-files --others --exclude-standard '*.cpp'; } | sort -u)
fi
if [[ ${#sources[@]} -eq 0 ]]; then
  echo "clang-tidy: no source changed since HEAD; \`make lint LINT=all\` looks at all of them"
  exit 0
fi
printf '%s\0' "${sources[@]}" |
  xargs -0 -n 1 -P "$(nproc)" clang-tidy-19 -p build/debug --quiet 2> >(grep -v 'warnings\? generated' >&2)
echo "clang-tidy: ${#sources[@]} sources clean"
