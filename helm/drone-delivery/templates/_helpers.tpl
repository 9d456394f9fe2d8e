{{/*
Every template below takes a dict: root (the top context), and where it concerns one of the two executables, component (silo or gateway).
*/}}

{{/* Name of the release's objects. */}}
{{- define "drone-delivery.fullname" -}}
{{- if contains .root.Chart.Name .root.Release.Name -}}
{{- .root.Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .root.Release.Name .root.Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Name of a component's objects. */}}
{{- define "drone-delivery.name" -}}
{{- printf "%s-%s" (include "drone-delivery.fullname" .) .component -}}
{{- end -}}

{{/* Labels by which a component's pods are selected; they never change. */}}
{{- define "drone-delivery.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Labels of every object. */}}
{{- define "drone-delivery.labels" -}}
{{ include "drone-delivery.selectorLabels" . }}
app.kubernetes.io/part-of: drone-delivery
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Metadata of a component's object. */}}
{{- define "drone-delivery.metadata" -}}
name: {{ include "drone-delivery.name" . }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "drone-delivery.labels" . | nindent 2 }}
{{- end -}}

{{/* Ports, the same in containers, probes, services, settings and policies. */}}
{{- define "drone-delivery.port.http" -}}8080{{- end -}}
{{- define "drone-delivery.port.health" -}}8081{{- end -}}
{{- define "drone-delivery.port.silo" -}}11111{{- end -}}
{{- define "drone-delivery.port.client" -}}30000{{- end -}}

{{/* An image, by digest: registry, image. */}}
{{- define "drone-delivery.image" -}}
{{- printf "%s/%s@%s" .root.Values.registry .image.repository .image.digest -}}
{{- end -}}

{{/* Metadata of an autoscaler's behavior: grow at once, shrink one pod at a time and late, for each pod that leaves moves its grains. */}}
{{- define "drone-delivery.scaling" -}}
scaleUp:
  stabilizationWindowSeconds: 0
  selectPolicy: Max
  policies:
    - type: Percent
      value: 100
      periodSeconds: 15
    - type: Pods
      value: 2
      periodSeconds: 15
scaleDown:
  stabilizationWindowSeconds: 600
  selectPolicy: Min
  policies:
    - type: Pods
      value: 1
      periodSeconds: 120
{{- end -}}

{{/* Whether an autoscaler owns the number of silos; refuses two of them. */}}
{{- define "drone-delivery.silo.autoscaled" -}}
{{- if and .root.Values.silo.hpa.enabled .root.Values.silo.keda.enabled -}}
{{- fail "silo.hpa.enabled and silo.keda.enabled are both true; two autoscalers would fight over the silos: choose one." -}}
{{- end -}}
{{- if or .root.Values.silo.hpa.enabled .root.Values.silo.keda.enabled -}}true{{- end -}}
{{- end -}}

{{/* Whether a component reads secrets from the vault. */}}
{{- define "drone-delivery.usesVault" -}}
{{- $objects := (index .root.Values .component).keyVaultObjects -}}
{{- if and $objects (not .root.Values.keyVault.name) -}}
{{- fail (printf "%s.keyVaultObjects is given but keyVault.name is empty: name the vault." .component) -}}
{{- end -}}
{{- if $objects -}}
{{- if not (index .root.Values .component).workloadIdentity.clientId -}}
{{- fail (printf "%s.keyVaultObjects is given but %s.workloadIdentity.clientId is empty: name the identity that may read the vault." .component .component) -}}
{{- end -}}
true
{{- end -}}
{{- end -}}

{{/* Whether a component's pods sign in with workload identity; a client id is then needed. */}}
{{- define "drone-delivery.usesWorkloadIdentity" -}}
{{- $clientId := (index .root.Values .component).workloadIdentity.clientId -}}
{{- if and (eq .root.Values.cosmos.authentication "workloadIdentity") (not $clientId) -}}
{{- fail (printf "%s.workloadIdentity.clientId is empty: give the client id of the managed identity, or set cosmos.authentication to key." .component) -}}
{{- end -}}
{{- if $clientId -}}true{{- end -}}
{{- end -}}
