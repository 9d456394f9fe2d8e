#!/usr/bin/env bash
# tools/publish.sh <silo|gateway> <folder> [amd64|arm64]: publishes one executable as its image holds it: framework-dependent and compiled ahead of
# time for one processor, by default this machine's. Its packages are those of the lock files, or it fails. The folder is replaced.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  echo "publish: $1" >&2
  exit 2
}

case ${1:-} in
  silo) project=Silo ;;
  gateway) project=Gateway ;;
  *) fail 'usage: tools/publish.sh <silo|gateway> <folder> [amd64|arm64]' ;;
esac
[[ -n ${2:-} ]] || fail 'name the folder to publish into.'
folder=$(realpath -m "$2")
[[ $folder != / && $PWD != "$folder" && $PWD != "$folder"/* ]] || fail "$folder holds more than a publication; name another folder."
case ${3:-$(uname -m)} in
  amd64 | x86_64) runtime=linux-x64 ;;
  arm64 | aarch64) runtime=linux-arm64 ;;
  *) fail "the processor is '${3:-$(uname -m)}'; name amd64 or arm64." ;;
esac

# Beside the folder first, so that a failed publish leaves no half of one.
work=$folder.publishing
trap 'rm -rf "$work"' EXIT
rm -rf "$work"
# The analyzers have had their say in make test.
dotnet restore "$project" --locked-mode --verbosity quiet
dotnet publish "$project" --no-restore --configuration Release --runtime "$runtime" --no-self-contained --output "$work" --verbosity quiet --nologo \
  --property:UseAppHost=false --property:DebugType=none --property:DebugSymbols=false --property:RunAnalyzers=false
rm -rf "$folder"
mv "$work" "$folder"
