#!/usr/bin/env bash
# Installs what some tests need beyond npm: Debian packages, and Python packages in .cache/venv.
# Without them those tests are skipped. Needs root for the Debian packages that are missing.
set -euo pipefail
cd "$(dirname "$0")/.."

debian=(
  chromium
  mariadb-server
  memcached
  mosquitto
  openssl
  postgresql
  python3-venv
  rabbitmq-server
  redis-server
  systemd
)
python=(
  aws-xray-sdk==2.15.0
  botocore==1.44.5
  cfn-lint==1.58.0
  check-jsonschema==0.39.0
  kubernetes-validate==1.37.0
  'moto[server]==5.2.5'
)

missing=()
for package in "${debian[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
if [[ ${#missing[@]} -gt 0 ]]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

venv=.cache/venv
[[ -x $venv/bin/python ]] || python3 -m venv "$venv"
printf '%s\n' "${python[@]}" >.cache/python-packages
if ! cmp -s .cache/python-packages "$venv/installed"; then
  "$venv/bin/pip" install --quiet --disable-pip-version-check "${python[@]}"
  cp .cache/python-packages "$venv/installed"
fi
