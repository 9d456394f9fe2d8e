#!/usr/bin/env bash
# make lint: the code is formatted and analysed as .editorconfig says, and the shell scripts pass shellcheck where it is installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

echo 'make lint: checks formatting and shell scripts.'
dotnet format Orleans.sln --verify-no-changes
if command -v shellcheck >/dev/null; then
  shellcheck tools/*.sh .ci/run
  shellcheck --shell=sh helm/drone-delivery/files/*.sh
else
  echo 'shellcheck is not installed; the shell scripts were not checked.'
fi
