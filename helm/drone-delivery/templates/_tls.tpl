{{/* Certificates of the cluster's connections. Each takes a dict: root and component. */}}

{{/* The name below which the certificates of this release stand; no other release has it. */}}
{{- define "drone-delivery.tls.domain" -}}
{{- printf "%s.%s" (include "drone-delivery.fullname" .) .root.Release.Namespace -}}
{{- end -}}

{{/* Whether the chart makes an authority; refuses half a choice. */}}
{{- define "drone-delivery.tls.ownAuthority" -}}
{{- $tls := .root.Values.tls -}}
{{- if ne (empty $tls.secrets.silo) (empty $tls.secrets.gateway) -}}
{{- fail "only one of tls.secrets.silo and tls.secrets.gateway is given: name both Secrets, or none for cert-manager to make them." -}}
{{- end -}}
{{- if and $tls.secrets.silo $tls.issuer.name -}}
{{- fail "tls.secrets and tls.issuer.name are both given: take the Secrets that are there, or let the issuer make them." -}}
{{- end -}}
{{- if not (or $tls.secrets.silo $tls.issuer.name) -}}true{{- end -}}
{{- end -}}

{{/* The Secret with a component's certificate. */}}
{{- define "drone-delivery.tls.secret" -}}
{{- default (printf "%s-tls" (include "drone-delivery.name" .)) (index .root.Values.tls.secrets .component) -}}
{{- end -}}

{{/* What the certificates of silos and gateways have in common. */}}
{{- define "drone-delivery.tls.certificate" -}}
secretName: {{ include "drone-delivery.tls.secret" . }}
dnsNames: [{{ .component }}.{{ include "drone-delivery.tls.domain" . }}]
duration: 2160h
renewBefore: 720h
privateKey:
  algorithm: ECDSA
  size: 256
  rotationPolicy: Always
issuerRef:
  group: cert-manager.io
  kind: {{ .root.Values.tls.issuer.name | empty | ternary "Issuer" .root.Values.tls.issuer.kind }}
  name: {{ default (include "drone-delivery.name" (dict "root" .root "component" "authority")) .root.Values.tls.issuer.name }}
{{- end -}}

{{/* The folder in which a component finds its certificate; not by subPath, so that it follows the Secret. */}}
{{- define "drone-delivery.tls.folder" -}}/var/run/secrets/drone-delivery/tls{{- end -}}

{{- define "drone-delivery.tls.mount" -}}
- name: tls
  mountPath: {{ include "drone-delivery.tls.folder" . }}
  readOnly: true
{{- end -}}

{{- define "drone-delivery.tls.volume" -}}
- name: tls
  projected:
    defaultMode: 288 # 0440
    sources:
      - secret:
          name: {{ include "drone-delivery.tls.secret" . }}
          items:
            - key: tls.crt
              path: tls.crt
            - key: tls.key
              path: tls.key
            - key: ca.crt
              path: ca.crt
{{- end -}}
