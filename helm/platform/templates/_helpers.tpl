{{/* Labels of every object: a dict of root and, where it concerns one, environment. */}}
{{- define "platform.labels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/part-of: drone-delivery
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .environment }}
drone-delivery/environment: {{ .name }}
{{- end }}
{{- end -}}

{{/* Metadata of an environment's object: a dict of root, environment, name. */}}
{{- define "platform.metadata" -}}
name: {{ .name }}
namespace: {{ .environment.namespace }}
labels:
  {{- include "platform.labels" . | nindent 2 }}
{{- end -}}

{{/* Entra groups as subjects: a list of object ids. */}}
{{- define "platform.groups" -}}
{{- range . }}
- kind: Group
  apiGroup: rbac.authorization.k8s.io
  name: {{ . | quote }}
{{- end }}
{{- end -}}
