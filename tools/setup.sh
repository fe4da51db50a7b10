# Sourced by demo.sh and test.sh: installs what is missing, and builds.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${PTOLOWER_BUILD:-$root/build}
mlir_dir=${MLIR_DIR:-/usr/lib/llvm-19/lib/cmake/mlir}

# All of them are in Debian 12's own archive.
packages=(
  gcc g++ cmake ninja-build pkg-config python3
  libmlir-19-dev llvm-19-dev mlir-19-tools llvm-19-tools lld-19
  libcjson-dev libcmocka-dev libzstd-dev libedit-dev zlib1g-dev
)

# Works without /proc, as in a bare chroot: no process substitution.
install_packages() {
  local package status missing=()
  if ! command -v dpkg-query >/dev/null; then
    echo "not a Debian system: taking it that MLIR 19, cJSON, CMocka, CMake and Ninja are there"
    return
  fi
  for package in "${packages[@]}"; do
    # shellcheck disable=SC2016  # dpkg-query's own variable
    status=$(dpkg-query -W -f '${db:Status-Status} ' "$package" 2>/dev/null || true)
    [[ " $status" == *" installed "* ]] || missing+=("$package")
  done
  if ((${#missing[@]} == 0)); then
    return
  fi
  if ((EUID != 0)); then
    echo "these packages are missing; run as root:" >&2
    echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  echo "installing: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q
  apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# What CMake's cache says of itself, as `cached CMAKE_GENERATOR`.
cached() {
  sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt" 2>/dev/null || true
}

build_project() {
  local fresh=()
  # A cache of another place or generator would stop CMake.
  if [[ -e $build/CMakeCache.txt ]] &&
    [[ $(cached CMAKE_HOME_DIRECTORY) != "$root" || $(cached CMAKE_GENERATOR) != Ninja ]]; then
    fresh=(--fresh)
  fi
  cmake "${fresh[@]}" -G Ninja -S "$root" -B "$build" -DMLIR_DIR="$mlir_dir" "$@"
  ninja -C "$build"
}
