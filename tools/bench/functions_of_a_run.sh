#!/usr/bin/env bash
# Writes tools/cmake/functions_of_a_run.txt: what the program executes for the kernel that ships, for the
# linker to lay side by side. Takes valgrind and a build; run it when a run has become another one.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=${1:-${PTOLOWER_BUILD:-$root/build}/bin/ptolower}
list=$root/tools/cmake/functions_of_a_run.txt
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

valgrind --tool=callgrind --demangle=no --callgrind-out-file="$work/calls" \
  "$program" "$root/test/e2e/inputs/gate_up_store.pto" -o /dev/null 2> "$work/log"
nm "$program" | awk '{print $3}' | sort -u > "$work/own"
{
  echo "# Functions that a run executes. Written by tools/bench/functions_of_a_run.sh."
  grep -aoE "^c?fn=\([0-9]+\) .*" "$work/calls" | sed -E "s/^c?fn=\([0-9]+\) //; s/'[0-9]+$//" |
    awk '!seen[$0]++' | grep -Fxf "$work/own"
} > "$list"
