# The images of silo and gateway, for amd64 and arm64. tools/images.sh builds them; by hand:
#   docker buildx build --target silo --platform linux/amd64,linux/arm64 --build-arg SDK_DIGEST=sha256:… --build-arg RUNTIME_DIGEST=sha256:… .
# Both base images are pinned by digest; the tags only say what they are. Without a digest the build stops.
ARG SDK_DIGEST
ARG RUNTIME_DIGEST

# Publishing runs on the builder's own processor and compiles ahead of time for the image's.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0-noble@${SDK_DIGEST:?give the digest of the SDK image} AS source
ENV CI=true DOTNET_CLI_TELEMETRY_OPTOUT=true DOTNET_NOLOGO=true
WORKDIR /source
COPY . .

FROM source AS publish-silo
ARG TARGETARCH
RUN tools/publish.sh silo /app "$TARGETARCH"

FROM source AS publish-gateway
ARG TARGETARCH
RUN tools/publish.sh gateway /app "$TARGETARCH"

# Chiseled: neither shell nor package manager.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled@${RUNTIME_DIGEST:?give the digest of the runtime image} AS runtime
ARG RUNTIME_DIGEST
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.vendor="Drone Delivery" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled" \
      org.opencontainers.image.base.digest="${RUNTIME_DIGEST}"
# The base image would open 8080 in every process; each opens its own ports.
ENV ASPNETCORE_HTTP_PORTS=""
WORKDIR /app
USER 10001:10001

FROM runtime AS silo
LABEL org.opencontainers.image.title="drone-delivery-silo" \
      org.opencontainers.image.description="Hosts the grains of Drone Delivery."
COPY --from=publish-silo /app .
EXPOSE 11111 30000 8081
ENTRYPOINT ["dotnet", "DroneDelivery.Silo.dll"]

FROM runtime AS gateway
LABEL org.opencontainers.image.title="drone-delivery-gateway" \
      org.opencontainers.image.description="HTTP API of Drone Delivery."
COPY --from=publish-gateway /app .
EXPOSE 8080 8081
ENTRYPOINT ["dotnet", "DroneDelivery.Gateway.dll"]
