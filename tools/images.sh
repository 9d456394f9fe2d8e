#!/usr/bin/env bash
# tools/images.sh <registry> <version>: builds the images of silo and gateway for amd64 and arm64, pushes them, and prints the digests that the
# chart asks for. SDK_DIGEST and RUNTIME_DIGEST pin the base images: look them up once, review them, and keep them with the pipeline.
#   docker buildx imagetools inspect mcr.microsoft.com/dotnet/sdk:10.0-noble
#   docker buildx imagetools inspect mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  echo "images: $1" >&2
  exit 2
}

# pinned <name> <value>
pinned() { [[ $2 =~ ^sha256:[0-9a-f]{64}$ ]] || fail "$1 is '$2'; set it to the digest of the base image: sha256: and 64 hexadecimal digits."; }

[[ $# == 2 ]] || fail 'usage: tools/images.sh <registry> <version>'
[[ $1 =~ ^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?$ ]] || fail "the registry is '$1'; give a host name such as contoso.azurecr.io."
[[ $2 =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || fail "the version is '$2'; give three numbers such as 1.2.3."
pinned SDK_DIGEST "${SDK_DIGEST:-}"
pinned RUNTIME_DIGEST "${RUNTIME_DIGEST:-}"
command -v docker >/dev/null || fail 'docker is not installed; it is needed to build images.'

revision=$(git rev-parse HEAD)
created=$(git show --no-patch --format=%cI HEAD)
metadata=$(mktemp)
trap 'rm -f "$metadata"' EXIT
for component in silo gateway; do
  docker buildx build . --target "$component" --platform linux/amd64,linux/arm64 --pull --push --provenance=true --sbom=true \
    --build-arg SDK_DIGEST="$SDK_DIGEST" --build-arg RUNTIME_DIGEST="$RUNTIME_DIGEST" \
    --build-arg VERSION="$2" --build-arg REVISION="$revision" --build-arg CREATED="$created" \
    --tag "$1/drone-delivery/$component:$2" --metadata-file "$metadata" >&2
  digest=$(sed -n 's/.*"containerimage.digest": *"\([^"]*\)".*/\1/p' "$metadata")
  [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || fail "docker gave no digest of the image of $component."
  echo "$component.image.digest=$digest"
done
