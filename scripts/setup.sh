#!/usr/bin/env bash
# Installs from Debian what building, testing and running The Citadel needs and this machine lacks, and
# from npm what the dashboard is built with (web/package-lock.json) and the judges of the Stripe simulator
# (tests/judges/package-lock.json).
#   scripts/setup.sh        to build, test and run
#   scripts/setup.sh lint   the formatter and the linter as well
# Does nothing, quickly, when nothing is missing. Works as root and with sudo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(
  # compilers and tools
  clang-19 lld-19 libclang-rt-19-dev g++ cmake ninja-build ccache make pkg-config
  # libraries
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libpq-dev libcurl4-openssl-dev libssl-dev
  libspdlog-dev libfmt-dev libcli11-dev libtomlplusplus-dev libctemplate-dev libcmark-dev libicu-dev libcjose-dev
  libjansson-dev
  libjemalloc-dev
  # tests and benchmarks
  libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev
  # the browser that the letters and the dashboard are looked at in
  chromium fonts-liberation
  # at run time
  postgresql-15 ca-certificates tzdata
)
case "${1:-}" in
  "") ;;
  lint) packages+=(clang-format-19 clang-tidy-19 git) ;;
  *) echo "setup: unknown argument \"$1\"; it takes none, or lint" >&2; exit 2 ;;
esac

# Node of any source will do, from version 18 (Debian's) on.
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)

missing_packages() {
  local installed
  # dpkg-query ends with 1 when it knows one of them not at all: no error here, that one is missing.
  installed=$({ dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null || true; } |
    sed -n 's/^installed //p')
  comm -23 <(printf '%s\n' "${packages[@]}" | sort -u) <(sort -u <<<"$installed")
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "setup: this is not a Debian system. The Citadel builds on Debian 12; elsewhere install the" >&2
  echo "setup: equivalents of these by hand: ${packages[*]}" >&2
  exit 1
fi

log=$(mktemp)
no_cluster=/etc/postgresql-common/createcluster.d/citadel-setup.conf
as_root=()
trap 'rm -f "$log"; [[ ! -e $no_cluster ]] || "${as_root[@]}" rm -f "$no_cluster"' EXIT

apt_get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 \
    --no-install-recommends "$@" >"$log" 2>&1
}

install_missing_packages() {
  if [[ $(id -u) -ne 0 ]]; then
    if ! command -v sudo >/dev/null; then
      echo "setup: packages are missing and there is neither root nor sudo to install them. As root, run:" >&2
      echo "    apt-get install ${missing[*]}" >&2
      exit 1
    fi
    as_root=(sudo)
  fi

  # Debian's package would create and start a cluster of its own, which nothing here uses.
  if [[ " ${missing[*]} " == *" postgresql-15 "* ]]; then
    "${as_root[@]}" mkdir -p "${no_cluster%/*}"
    echo "create_main_cluster = false" | "${as_root[@]}" tee "$no_cluster" >/dev/null
  fi

  echo "setup: installing ${#missing[@]} Debian packages: ${missing[*]}"
  if ! apt_get install "${missing[@]}"; then
    # No package lists yet, or lists so old that they name files the mirror no longer has.
    if ! { apt_get update && apt_get install "${missing[@]}"; }; then
      tail -n 40 "$log" >&2
      echo "setup: apt-get could not install these; the lines above are its last words" >&2
      exit 1
    fi
  fi

  mapfile -t missing < <(missing_packages)
  if [[ ${#missing[@]} -ne 0 ]]; then
    echo "setup: still missing after apt-get: ${missing[*]}" >&2
    exit 1
  fi
}

# The lock file is copied beside what it describes: the same again means that nothing is to be done.
install_npm_packages() {
  local folder=$1
  cmp -s "$folder/package-lock.json" "$folder/node_modules/.installed" && return
  echo "setup: installing npm packages into $folder/node_modules"
  if ! npm --prefix "$folder" ci --ignore-scripts --no-audit --no-fund --no-update-notifier >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "setup: npm could not install these; the lines above are its last words" >&2
    exit 1
  fi
  cp "$folder/package-lock.json" "$folder/node_modules/.installed"
}

mapfile -t missing < <(missing_packages)
[[ ${#missing[@]} -eq 0 ]] || install_missing_packages
install_npm_packages web
install_npm_packages tests/judges
