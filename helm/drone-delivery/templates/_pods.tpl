{{/* Parts of the two pod templates. Each takes a dict: root and component. */}}

{{/* Labels of pods. No versions: a new chart that changes nothing in the pods must not replace them. */}}
{{- define "drone-delivery.podLabels" -}}
{{ include "drone-delivery.selectorLabels" . }}
app.kubernetes.io/part-of: drone-delivery
{{- if include "drone-delivery.usesWorkloadIdentity" . }}
azure.workload.identity/use: "true"
{{- end }}
{{- end -}}

{{/* What no pod of this chart may do: pod security "restricted", and no token unless asked for. */}}
{{- define "drone-delivery.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- end -}}

{{- define "drone-delivery.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  privileged: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* Even over zones, then over nodes; counted within one version, so that a roll is spread too. */}}
{{- define "drone-delivery.placement" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: topology.kubernetes.io/zone
    whenUnsatisfiable: {{ .root.Values.topologySpread.zones }}
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels:
        {{- include "drone-delivery.selectorLabels" . | nindent 8 }}
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: {{ .root.Values.topologySpread.nodes }}
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels:
        {{- include "drone-delivery.selectorLabels" . | nindent 8 }}
{{- with (index .root.Values .component).nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with (index .root.Values .component).tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Probes on the port of their own. Startup gives 120 s; being unready is noticed in two. */}}
{{- define "drone-delivery.probes" -}}
startupProbe:
  httpGet:
    path: /health/startup
    port: health
  periodSeconds: 1
  timeoutSeconds: 2
  failureThreshold: 120
readinessProbe:
  httpGet:
    path: /health/ready
    port: health
  periodSeconds: 1
  timeoutSeconds: 2
  failureThreshold: 2
livenessProbe:
  httpGet:
    path: /health/live
    port: health
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
{{- end -}}

{{/* Settings that are not in the ConfigMap: who the pod is, and what comes from Secrets. */}}
{{- define "drone-delivery.env" -}}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: POD_IP
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
{{- if eq .root.Values.cosmos.authentication "key" }}
- name: Storage__Cosmos__AccountKey
  valueFrom:
    secretKeyRef:
      name: {{ .root.Values.cosmos.keySecret.name }}
      key: {{ .root.Values.cosmos.keySecret.key }}
{{- end }}
{{- if eq .component "silo" }}
{{- with .root.Values.notifications.secretKey }}
{{- if .name }}
- name: Notifications__SecretKey
  valueFrom:
    secretKeyRef:
      name: {{ .name }}
      key: {{ .key }}
{{- else }}
{{- $given := false }}
{{- range $.root.Values.silo.keyVaultObjects }}{{ if eq .env "Notifications__SecretKey" }}{{ $given = true }}{{ end }}{{ end }}
{{- if not $given }}
{{- fail "notifications.secretKey.name is empty: name a Secret with the key that encrypts the secrets of webhooks, or let silo.keyVaultObjects give Notifications__SecretKey." }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if eq .component "gateway" }}
{{- with .root.Values.idempotency }}
{{- if .secretKey.name }}
- name: {{ ternary "Idempotency__Key" "Idempotency__KnownKeys__0" .current }}
  valueFrom:
    secretKeyRef:
      name: {{ .secretKey.name }}
      key: {{ .secretKey.key }}
{{- else }}
{{- $given := false }}
{{- range $.root.Values.gateway.keyVaultObjects }}{{ if has .env (list "Idempotency__Key" "Idempotency__KnownKeys__0") }}{{ $given = true }}{{ end }}{{ end }}
{{- if not $given }}
{{- fail "idempotency.secretKey.name is empty: name a Secret with the key of which ids are made, or let gateway.keyVaultObjects give Idempotency__Key." }}
{{- end }}
{{- end }}
{{- end }}
{{- with .root.Values.droneKeys }}
{{- if .secretKey.name }}
- name: {{ ternary "DroneKeys__Secret" "DroneKeys__KnownSecrets__0" .current }}
  valueFrom:
    secretKeyRef:
      name: {{ .secretKey.name }}
      key: {{ .secretKey.key }}
{{- else }}
{{- $given := false }}
{{- range $.root.Values.gateway.keyVaultObjects }}{{ if has .env (list "DroneKeys__Secret" "DroneKeys__KnownSecrets__0") }}{{ $given = true }}{{ end }}{{ end }}
{{- if not $given }}
{{- fail "droneKeys.secretKey.name is empty: name a Secret with the key that authenticates drone keys, or let gateway.keyVaultObjects give DroneKeys__Secret." }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if include "drone-delivery.usesVault" . }}
{{- $name := include "drone-delivery.name" . }}
{{- range (index .root.Values .component).keyVaultObjects }}
- name: {{ .env }}
  valueFrom:
    secretKeyRef:
      name: {{ $name }}-vault
      key: {{ .object }}
{{- end }}
{{- end }}
{{- range $name, $value := (index .root.Values .component).extraEnv }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* The part of both ConfigMaps that is the same. */}}
{{- define "drone-delivery.settings" -}}
Hosting__Mode: Kubernetes
Hosting__HealthPort: {{ include "drone-delivery.port.health" . | quote }}
Orleans__Tls__Directory: {{ include "drone-delivery.tls.folder" . }}
Orleans__Tls__Domain: {{ include "drone-delivery.tls.domain" . }}
Storage__Provider: Cosmos
Storage__Cosmos__AccountEndpoint: {{ .root.Values.cosmos.accountEndpoint | quote }}
Storage__Cosmos__DatabaseName: {{ .root.Values.cosmos.databaseName | quote }}
{{- if .root.Values.cosmos.createResources }}
Storage__Cosmos__CreateResources: "true"
{{- end }}
{{- with .root.Values.telemetry.otlpEndpoint }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ . | quote }}
OTEL_SERVICE_NAME: {{ include "drone-delivery.name" $ }}
{{- end }}
{{- end -}}

{{/* The volume by which the CSI driver fetches the vault's secrets and keeps the Secret alive. */}}
{{- define "drone-delivery.vaultVolume" -}}
- name: vault
  csi:
    driver: secrets-store.csi.k8s.io
    readOnly: true
    volumeAttributes:
      secretProviderClass: {{ include "drone-delivery.name" . }}
{{- end -}}
