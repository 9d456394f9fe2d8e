#!/usr/bin/env bash
# make lint: the code is formatted and analysed as .editorconfig says, and the shell scripts pass shellcheck.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  echo "make lint: $1" >&2
  exit 1
}

command -v dotnet >/dev/null || fail 'dotnet is not installed; install the .NET SDK that global.json names.'
command -v shellcheck >/dev/null || fail 'shellcheck is not installed; install the package shellcheck of your system, such as with apt-get install shellcheck.'

echo 'make lint: checks shell scripts, then formatting.'
shellcheck tools/*.sh .ci/run
shellcheck --shell=sh helm/drone-delivery/files/*.sh
dotnet restore Orleans.sln --verbosity quiet
dotnet format Orleans.sln --no-restore --verify-no-changes
echo 'make lint: nothing to mend.'
