#!/usr/bin/env bash
# splice.sh RUN_DIR [OPTION...]: lowers the kernels of a run of pypto in place, with these options of
# ptolower. pypto sees that they are newer than what ptoas made of them, and builds them anew
# (PYPTO_REBUILD_FROM_PTO): at the next `python RUN_DIR/debug/run.py`, or at once where $PYTHON, by
# default python, finds pypto. What was there before stays as *.pto.orig.
set -euo pipefail

if (($# < 1)) || [[ ! -d $1 ]]; then
  echo "usage: splice.sh RUN_DIR [OPTION...]" >&2
  exit 2
fi
run=$1
shift
ptolower=${PTOLOWER_HOME:+$PTOLOWER_HOME/bin/}ptolower
python=${PYTHON:-python}

lower() {
  local kernel=$1
  shift
  "$ptolower" "$kernel" -o "$kernel.new" --validate "$@"
  if cmp -s "$kernel" "$kernel.new"; then
    rm "$kernel.new"
    return
  fi
  [[ -e $kernel.orig ]] || cp -p "$kernel" "$kernel.orig"
  mv "$kernel.new" "$kernel"
  echo "lowered $kernel"
}

for folder in "$run/ptoas" "$run"/next_levels/*/ptoas; do
  for kernel in "$folder"/*.pto; do
    [[ ! -e $kernel ]] || lower "$kernel" "$@"
  done
done

if "$python" -c 'import pypto' 2>/dev/null; then
  "$python" -c 'import sys; from pypto.runtime.debug.pto_rebuild import rebuild_kernel_cpp_from_pto as rebuild; rebuild(sys.argv[1])' "$run"
else
  echo "pypto is not found by $python; it builds the kernels at the next $run/debug/run.py"
fi
