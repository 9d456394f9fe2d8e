#!/usr/bin/env bash
# tools/mutation.sh [options]: changes the code of Grains and Providers.Cosmos in small ways, one at a time, and counts how many of the changes the fast tests notice.
# tools/mutation.sh --help lists the options; tools/Mutation/README.md explains them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

quietly() { "$@" --configuration Debug --verbosity quiet --nologo; }

quietly dotnet build tests/Grains.Tests
quietly dotnet build tests/Cosmos.Tests
quietly dotnet build tools/CosmosSimulator
quietly dotnet build tools/Mutation
exec tools/Mutation/bin/Debug/net10.0/DroneDelivery.Mutation "$@"
