#!/usr/bin/env bash
# Installs iproute2 where it is missing and this user may: the network faults give each silo a host of its own, which takes root.
set -euo pipefail
[[ $(id -u) == 0 ]] || exit 0
command -v ip >/dev/null && exit 0
{ apt-get update && apt-get install --yes --no-install-recommends iproute2; } >&2
