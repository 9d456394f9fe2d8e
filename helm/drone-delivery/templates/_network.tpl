{{/* Parts of the network policies. */}}

{{/* Peers by address: a list of CIDRs. */}}
{{- define "drone-delivery.cidrs" -}}
{{- range . }}
- ipBlock:
    cidr: {{ . }}
{{- end }}
{{- end -}}

{{/* Peers by the labels of their namespace: a list of label maps. */}}
{{- define "drone-delivery.namespaces" -}}
{{- range . }}
- namespaceSelector:
    matchLabels:
      {{- toYaml . | nindent 6 }}
{{- end }}
{{- end -}}

{{/* The pods of a component: a dict of root and component. */}}
{{- define "drone-delivery.pods" -}}
- podSelector:
    matchLabels:
      {{- include "drone-delivery.selectorLabels" . | nindent 6 }}
{{- end -}}

{{/* Into any component: probes from the nodes and, when it is on, the reading of metrics, both on the health port. */}}
{{- define "drone-delivery.network.probes" -}}
- from:
    {{- include "drone-delivery.cidrs" .root.Values.networkPolicy.nodeCidrs | nindent 4 }}
    {{- if .root.Values.podMonitor.enabled }}
    {{- include "drone-delivery.namespaces" .root.Values.networkPolicy.monitoringNamespaces | nindent 4 }}
    {{- end }}
  ports:
    - protocol: TCP
      port: {{ include "drone-delivery.port.health" . }}
{{- end -}}

{{/* Out to DNS. */}}
{{- define "drone-delivery.network.dns" -}}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
    {{- include "drone-delivery.cidrs" .root.Values.networkPolicy.dnsCidrs | nindent 4 }}
  ports:
    - protocol: UDP
      port: 53
    - protocol: TCP
      port: 53
{{- end -}}

{{/* Out to Entra. */}}
{{- define "drone-delivery.network.entra" -}}
- to:
    {{- include "drone-delivery.cidrs" .root.Values.networkPolicy.entra.cidrs | nindent 4 }}
  ports:
    - protocol: TCP
      port: 443
{{- end -}}

{{/* Out to the store. */}}
{{- define "drone-delivery.network.cosmos" -}}
- to:
    {{- include "drone-delivery.cidrs" .root.Values.networkPolicy.cosmos.cidrs | nindent 4 }}
  ports:
    {{- range .root.Values.networkPolicy.cosmos.ports }}
    - protocol: TCP
      port: {{ .from }}
      {{- if gt (int64 .to) (int64 .from) }}
      endPort: {{ .to }}
      {{- end }}
    {{- end }}
{{- end -}}

{{/* Out to the internet, but not to what is near. */}}
{{- define "drone-delivery.network.internet" -}}
{{- with .root.Values.networkPolicy.internet }}
{{- if .enabled }}
- to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except:
          {{- toYaml .except | nindent 10 }}
  ports:
    - protocol: TCP
      port: 443
{{- end }}
{{- end }}
{{- end -}}

{{/* Out to where telemetry goes. */}}
{{- define "drone-delivery.network.monitor" -}}
- to:
    {{- include "drone-delivery.cidrs" .root.Values.networkPolicy.monitor.cidrs | nindent 4 }}
  ports:
    {{- range .root.Values.networkPolicy.monitor.ports }}
    - protocol: TCP
      port: {{ . }}
    {{- end }}
{{- end -}}
