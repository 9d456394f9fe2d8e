#!/usr/bin/env bash
# make chaos: three silos and two gateways as processes behind an ingress, under constant load; every fault once. It wants the machine to itself.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

fail() {
  echo "make chaos: $1" >&2
  exit 2
}

[[ -z ${MINUTES:-}${SEED:-} ]] || fail 'MINUTES and SEED are for a random schedule, which does not exist yet; leave them out and every fault is tried once.'
command -v dotnet >/dev/null || fail 'dotnet is not installed; install the .NET SDK that global.json names.'

echo "make chaos: replaces, kills and freezes processes under load${ONLY:+, only $ONLY}; each fault takes about a minute."
dotnet build tests/Cluster.Tests --configuration Release --verbosity quiet --nologo || fail 'the build failed.'
tests/Cluster.Tests/bin/Release/net10.0/DroneDelivery.Cluster.Tests --filter-trait Category=Fault --filter-method "*${ONLY:-}*" \
  --output Detailed --progress off
