#!/usr/bin/env bash
# Sets up, builds, and lowers a gate/up kernel that ships with the project.
set -euo pipefail

# shellcheck source=tools/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
install_packages
build_project "$@"

input=$root/test/e2e/inputs/gate_up_store.pto
out=$build/demo
mkdir -p "$out"

echo
echo "== ptolower ${input#"$root"/}: two products of one activation, each weight load waiting"
echo "   for the product before it"
"$build/bin/ptolower" "$input" -o "$out/gate_up_store.pto" --plan="$out/plan.json" --remarks

echo
echo "== the plan"
cat "$out/plan.json"
echo
echo "== done"
echo "input:  $input"
echo "plan:   $out/plan.json"
echo "output: $out/gate_up_store.pto"
echo "next:   ptoas $out/gate_up_store.pto -o kernel.cpp \\"
echo "          --pto-arch a3 --pto-level=level3 --enable-insert-sync"
