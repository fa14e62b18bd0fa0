#!/usr/bin/env bash
# Sees to what building and testing need, and installs what is missing:
#
#   cargo            to build (https://rustup.rs; never installed by this script)
#   cc, c++, make    to build librdkafka, which is linked statically
#   java 17+, mvn    to run a real Kafka broker in the tests; not looked for with the argument `build`
#   promtool         to test the alert rules; not looked for with `build`. Debian's package has the server too, which the tests run
#                    on ports of their own; on a machine with systemd it starts one: systemctl disable --now prometheus
#   python3, venv    to read NewsML-G2 with a package of others in the tests; not looked for with the argument `build`
#
# Does nothing where all is there. On Debian and Ubuntu it installs with apt-get, as root or through sudo where that needs no
# password; elsewhere it names what is missing and fails.
set -euo pipefail

has() { command -v "$1" >/dev/null 2>&1; }

java_major() {
  # 1.8.0_292 is 8; 17.0.15 is 17.
  java -version 2>&1 | sed -n 's/.* version "\(1\.\)\{0,1\}\([0-9][0-9]*\).*/\2/p' | head -n 1
}

missing=() packages=()
need() { missing+=("$1"); packages+=("$2"); }

has cc || need "a C compiler" build-essential
has c++ || need "a C++ compiler" build-essential
has make || need make build-essential
if [ "${1:-all}" = build ]; then
  : # Building needs no broker.
elif ! has java; then
  need "a JDK, 17 or later" default-jdk-headless
elif major=$(java_major) && [ "${major:-0}" -lt 17 ]; then
  need "a JDK, 17 or later (java is ${major:-unknown})" openjdk-17-jdk-headless
fi
[ "${1:-all}" = build ] || has mvn || need Maven maven
[ "${1:-all}" = build ] || has promtool || need promtool prometheus
# Debian parts what makes a virtual environment from Python itself.
[ "${1:-all}" = build ] || python3 -c 'import ensurepip, venv' 2>/dev/null || need "Python 3 with venv" python3-venv

if [ ${#missing[@]} -gt 0 ]; then
  printf 'Missing: %s\n' "${missing[@]}" >&2
  if has apt-get && [ "$(id -u)" -eq 0 ]; then
    as_root=()
  elif has apt-get && has sudo && sudo -n true 2>/dev/null; then
    as_root=(sudo)
  else
    echo "Install these first; on Debian and Ubuntu: apt-get install ${packages[*]}" >&2
    exit 1
  fi
  ${as_root[@]+"${as_root[@]}"} apt-get update -qq
  ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2
fi

if ! has cargo; then
  echo "Missing: cargo. Install Rust from https://rustup.rs, then run this again." >&2
  exit 1
fi
