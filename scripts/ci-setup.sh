#!/usr/bin/env bash
# Installs what tests need beyond npm: Debian packages, and Python packages in .cache/venv.
set -euo pipefail
cd "$(dirname "$0")/.."

debian=()
missing=()
for package in "${debian[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
if [[ ${#missing[@]} -gt 0 ]]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
