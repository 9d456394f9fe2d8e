#!/usr/bin/env bash
# tools/publish.sh <silo|gateway> <folder>: publishes one executable as its image holds it: framework-dependent and for any processor, so that one
# publish serves amd64 and arm64. Its packages are those of the lock files, or it fails. The folder is replaced.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  echo "publish: $1" >&2
  exit 2
}

case ${1:-} in
  silo) project=Silo ;;
  gateway) project=Gateway ;;
  *) fail 'usage: tools/publish.sh <silo|gateway> <folder>' ;;
esac
[[ -n ${2:-} ]] || fail 'name the folder to publish into.'
folder=$(realpath -m "$2")
[[ $folder != / && $PWD != "$folder" && $PWD != "$folder"/* ]] || fail "$folder holds more than a publication; name another folder."

# Beside the folder first, so that a failed publish leaves no half of one.
work=$folder.publishing
trap 'rm -rf "$work"' EXIT
rm -rf "$work"
# The analyzers have had their say in make test.
dotnet restore "$project" --locked-mode --verbosity quiet
dotnet publish "$project" --no-restore --configuration Release --output "$work" --verbosity quiet --nologo \
  --property:UseAppHost=false --property:DebugType=none --property:DebugSymbols=false --property:RunAnalyzers=false

# Native libraries of other systems are dead weight.
if [[ -d $work/runtimes ]]; then
  find "$work/runtimes" -mindepth 1 -maxdepth 1 ! -name unix ! -name linux ! -name linux-x64 ! -name linux-arm64 -exec rm -rf {} +
fi
rm -rf "$folder"
mv "$work" "$folder"
