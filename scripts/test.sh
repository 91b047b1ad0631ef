#!/usr/bin/env bash
# scripts/test.sh PRESET [ctest arguments…]: runs the tests of build/PRESET. Closes with ctest's own
# line, a line for each runner, and the sum over all of them. Exit 0 only when nothing failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=build/$1
shift
rm -rf "$build/results"
mkdir -p "$build/results"

status=0
ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$(nproc)" \
  --output-junit results/ctest.xml "$@" || status=$?

# How many lines of the report match.
count() { grep -c "$1" "$report" || true; }
# The last attribute NAME="…" in the element on standard input, or nothing.
attribute() { sed -nE "s/.* $1=\"([^\"]*)\".*/\1/p"; }

echo
echo "by runner:"
passed_in_all=0
failed_in_all=0
while IFS= read -r runner_line; do
  runner=$(attribute name <<<"$runner_line")
  report=$build/results/$runner.xml
  completed=0 failed=0 skipped=0 note=
  if [[ -f $report ]]; then
    if grep -q '^<testsuites>' "$report"; then  # node's own form
      skipped=$(count '<skipped ')
      failed=$(count '<testcase .* failure="')
      completed=$(($(count '<testcase ') - skipped))
    else  # GoogleTest's
      skipped=$(count '<testcase .*result="skipped"')
      failed=$(grep -m1 '<testsuites ' "$report" | attribute failures)
      completed=$(count '<testcase .*result="completed"')
    fi
  fi
  # A runner that died has no report, or one without a failure: it counts as one failed test.
  if [[ $(attribute status <<<"$runner_line") != run && $failed -eq 0 ]]; then
    failed=1
    completed=$((completed + 1))
    note=" (the runner itself failed: see above)"
  fi
  passed=$((completed - failed))
  [[ $skipped -eq 0 ]] || note=", $skipped skipped$note"
  printf '  %-28s %s passed, %s failed%s\n' "$runner" "$passed" "$failed" "$note"
  passed_in_all=$((passed_in_all + passed))
  failed_in_all=$((failed_in_all + failed))
done < <(grep '<testcase ' "$build/results/ctest.xml" 2>/dev/null || true)

echo "$passed_in_all passed, $failed_in_all failed"
[[ $failed_in_all -eq 0 ]] || status=1
[[ $passed_in_all -gt 0 ]] || status=1
exit "$status"
