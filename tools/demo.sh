#!/usr/bin/env bash
# Sets up, builds the program alone, and shows what it does to a gate/up kernel of Qwen3-14B A8W8.
set -euo pipefail

# shellcheck source=tools/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
out=$build/demo
mkdir -p "$out"
log=$out/setup.log
: >"$log"

install_packages
configure_project "$@"
build_project bin/ptolower
exec python3 "$root/tools/demo.py" "$root" "$build/bin/ptolower" "$out"
