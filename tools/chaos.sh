#!/usr/bin/env bash
# make chaos: three silos and two gateways as processes behind an ingress, under constant load. Every fault once, or with MINUTES or SEED a random
# schedule of them. It wants the machine to itself.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

fail() {
  echo "make chaos: $1" >&2
  exit 2
}

command -v dotnet >/dev/null || fail 'dotnet is not installed; install the .NET SDK that global.json names.'
if [[ -n ${MINUTES:-}${SEED:-} ]]; then
  [[ -z ${ONLY:-} ]] || fail 'ONLY chooses among the faults that are tried once; leave it out when MINUTES or SEED asks for a random schedule.'
  export CHAOS_MINUTES=${MINUTES:-10} CHAOS_SEED=${SEED:-$RANDOM}
  [[ $CHAOS_MINUTES =~ ^[1-9][0-9]{0,2}$ ]] || fail "MINUTES is '$CHAOS_MINUTES'; set it to a whole number from 1 to 999."
  [[ $CHAOS_SEED =~ ^[0-9]{1,9}$ ]] || fail "SEED is '$CHAOS_SEED'; set it to a whole number below 1000000000."
  echo "make chaos: random faults under load for $CHAOS_MINUTES minute(s), repeatable with SEED=$CHAOS_SEED."
  filter=(--filter-class '*.ChaosTests')
else
  echo "make chaos: replaces, kills and freezes processes under load${ONLY:+, only $ONLY}; each fault takes about a minute."
  filter=(--filter-not-class '*.ChaosTests' --filter-trait 'Category=Fault' --filter-method "*${ONLY:-}*")
fi

tools/get-iproute.sh || fail 'iproute2, which the network faults need, could not be installed.'
# How long clients may wait is held here only: a run of all tests shares the machine.
export FAULTS_HOLD_TIMES=1
dotnet build tests/Cluster.Tests --configuration Release --verbosity quiet --nologo || fail 'the build failed.'
tests/Cluster.Tests/bin/Release/net10.0/DroneDelivery.Cluster.Tests "${filter[@]}" --output Detailed --show-live-output on --progress off
