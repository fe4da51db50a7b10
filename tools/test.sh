#!/usr/bin/env bash
# Sets up, builds with warnings as errors, and runs all tests. The last lines say what was skipped for
# want of what, and `N passed, N failed, N skipped`.
set -euo pipefail

# shellcheck source=tools/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
install_packages libcmocka-dev
configure_project -DPTOLOWER_WERROR=ON -DPTOLOWER_TESTS=ON
build_project all

llvm_prefix=$(cd "$mlir_dir/../../.." && pwd)
lit=${LIT:-$llvm_prefix/build/utils/lit/lit.py}
results=$build/test
rm -f "$results/unit.xml" "$results/lit.xml"
export PTOLOWER_BUILD=$build

unit_status=0
ctest --test-dir "$build" -j "$(nproc)" --output-on-failure \
  --output-junit "$results/unit.xml" || unit_status=$?
lit_status=0
python3 "$lit" -v --xunit-xml-output "$results/lit.xml" "$root/test" || lit_status=$?

echo
python3 "$root/tools/test_summary.py" \
  "unit tests=$results/unit.xml=$unit_status" "lit=$results/lit.xml=$lit_status"
