# Sourced by demo.sh and test.sh: installs what is missing, and builds.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${PTOLOWER_BUILD:-$root/build}
mlir_dir=${MLIR_DIR:-/usr/lib/llvm-19/lib/cmake/mlir}

# What the programs need. All of them are in Debian 12's own archive.
packages=(
  gcc g++ cmake ninja-build pkg-config python3
  libmlir-19-dev llvm-19-dev mlir-19-tools llvm-19-tools lld-19
  libcjson-dev libzstd-dev libedit-dev zlib1g-dev
)

# The packages among the arguments that are not there, in `missing`. Works without /proc, as in a
# bare chroot: no process substitution.
find_missing() {
  local package status
  missing=()
  for package in "$@"; do
    # shellcheck disable=SC2016  # dpkg-query's own variable
    status=$(dpkg-query -W -f '${db:Status-Status} ' "$package" 2>/dev/null || true)
    [[ " $status" == *" installed "* ]] || missing+=("$package")
  done
}

# install_packages ANOTHER...: what the programs need, and the arguments.
install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    echo "not a Debian system: taking it that MLIR 19, cJSON, CMake and Ninja are there"
    return
  fi
  find_missing "${packages[@]}" "$@"
  if ((${#missing[@]} == 0)); then
    return
  fi
  if ((EUID != 0)); then
    echo "these packages are missing; run as root:" >&2
    echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  quietly "updating the list of packages" apt-get update -q
  quietly "installing ${#missing[@]} packages" \
    apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# The end of the log's last line that says how far a step is, as `[12/247]`.
progress() {
  sed -n 's/^\(\[[0-9]*\/[0-9]*\]\).*/\1/p' "$log" 2>/dev/null | tail -n 1
}

# quietly WHAT COMMAND...: one line that says how far it is; the output goes to $log, of which the end
# is shown if the command fails. Without $log it is not quiet.
quietly() {
  local what=$1 start=$SECONDS status=0 job
  shift
  if [[ -z ${log:-} ]]; then
    echo "== $what"
    "$@"
    return
  fi
  printf '%s ...' "$what"
  echo "== $*" >>"$log"
  "$@" >>"$log" 2>&1 </dev/null &
  job=$!
  while [[ -t 1 ]] && kill -0 "$job" 2>/dev/null; do
    printf '\r%s ... %s ' "$what" "$(progress)"
    sleep 0.5
  done
  wait "$job" || status=$?
  if ((status != 0)); then
    printf '\r%s ... failed after %d s\n' "$what" $((SECONDS - start))
    tail -n 40 "$log" >&2
    echo "the whole log: $log" >&2
    exit "$status"
  fi
  if [[ -t 1 ]]; then
    printf '\r%s ...               \r%s' "$what" "$what ..."
  fi
  printf ' %d s\n' $((SECONDS - start))
}

# What CMake's cache says of itself, as `cached CMAKE_GENERATOR`.
cached() {
  sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt" 2>/dev/null || true
}

configure_project() {
  local fresh=()
  # A cache of another place or generator would stop CMake.
  if [[ -e $build/CMakeCache.txt ]] &&
    [[ $(cached CMAKE_HOME_DIRECTORY) != "$root" || $(cached CMAKE_GENERATOR) != Ninja ]]; then
    fresh=(--fresh)
  fi
  quietly "configuring" cmake "${fresh[@]}" -G Ninja -S "$root" -B "$build" -DMLIR_DIR="$mlir_dir" "$@"
}

# build_project TARGET...
build_project() {
  quietly "building" ninja -C "$build" "$@"
}
