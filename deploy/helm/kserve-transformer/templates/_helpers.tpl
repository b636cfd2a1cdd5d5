{{- define "transformer.name" -}}
{{- $name := .Values.name | default .Release.Name -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) -}}
{{- fail (printf "name %q: expected lower-case letters, digits and dashes, a letter first and no dash last" $name) -}}
{{- end -}}
{{- if gt (len $name) 46 -}}
{{- fail (printf "name %q has %d characters; at most 46, or KServe's labels grow too long" $name (len $name)) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{- define "transformer.labels" -}}
app.kubernetes.io/name: kserve-transformer
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* The labels that KServe gives to the pods that the transformer runs in. */}}
{{- define "transformer.podLabels" -}}
serving.kserve.io/inferenceservice: {{ include "transformer.name" . }}
component: {{ ternary "predictor" "transformer" (eq .Values.layout "collocated") }}
{{- end -}}

{{- define "transformer.image" -}}
{{- with .Values.transformer.image -}}
{{- if and .tag .digest -}}
{{- fail "transformer.image has a tag and a digest: keep one of them" -}}
{{- end -}}
{{- if not (or .tag .digest) -}}
{{- fail "transformer.image has no tag and no digest: write which image shall run" -}}
{{- end -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}
{{- end -}}
{{- end -}}

{{- define "transformer.port" -}}
{{ ternary 8090 8080 (eq .Values.layout "collocated") }}
{{- end -}}

{{- define "transformer.isGrpc" -}}
{{- if hasPrefix "grpc" .Values.predictor.protocol }}true{{ end -}}
{{- end -}}

{{- define "transformer.serviceAccount" -}}
{{ include "transformer.name" . }}-storage
{{- end -}}

{{- define "transformer.s3Secret" -}}
{{ .Values.s3.existingSecret | default (printf "%s-s3" (include "transformer.name" .)) }}
{{- end -}}

{{- define "transformer.s3Annotations" -}}
{{- with .Values.s3 }}
{{- if .endpoint }}
serving.kserve.io/s3-endpoint: {{ .endpoint | quote }}
{{- end }}
{{- if .region }}
serving.kserve.io/s3-region: {{ .region | quote }}
{{- end }}
{{- if not .useHttps }}
serving.kserve.io/s3-usehttps: "0"
{{- end }}
{{- end }}
{{- end -}}

{{/* What stands in spec.transformer, or in spec.predictor when collocated. */}}
{{- define "transformer.scaling" -}}
minReplicas: {{ .Values.transformer.minReplicas }}
{{- with .Values.transformer.maxReplicas }}
maxReplicas: {{ . }}
{{- end }}
{{- if and (eq .Values.mode "Standard") (eq .Values.autoscaling.class "keda") }}
autoScaling:
  metrics:
    - type: External
      external:
        metric:
          backend: prometheus
          serverAddress: {{ .Values.autoscaling.keda.serverAddress | quote }}
          query: sum(kserve_transformer_requests_in_flight{namespace="{{ .Release.Namespace }}", model_name="{{ include "transformer.name" . }}"})
        target:
          type: AverageValue
          averageValue: {{ .Values.autoscaling.keda.target | quote }}
{{- else }}
{{- with .Values.autoscaling.metric }}
scaleMetric: {{ . }}
{{- end }}
{{- with .Values.autoscaling.target }}
scaleTarget: {{ . }}
{{- end }}
{{- end }}
{{- with .Values.transformer.containerConcurrency }}
containerConcurrency: {{ . }}
{{- end }}
{{- with .Values.timeoutSeconds }}
timeout: {{ . }}
{{- if and (eq $.Values.mode "Standard") (gt (int .) 20) }}
# The last requests end before the pod does.
terminationGracePeriodSeconds: {{ add . 10 }}
{{- end }}
{{- end }}
{{- with .Values.transformer.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.transformer.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.transformer.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "transformer.container" -}}
{{- $collocated := eq .Values.layout "collocated" -}}
{{- $port := include "transformer.port" . -}}
name: {{ ternary "transformer-container" "kserve-container" $collocated }}
image: {{ include "transformer.image" . }}
imagePullPolicy: {{ .Values.transformer.image.pullPolicy }}
args:
  {{- if $collocated }}
  - --model_name={{ include "transformer.name" . }}
  - --predictor_host=localhost:{{ ternary .Values.predictor.grpcPort 8080 (eq (include "transformer.isGrpc" .) "true") }}
  - --http_port={{ $port }}
  {{- else if include "transformer.isGrpc" . }}
  - --predictor_host={{ include "transformer.name" . }}-predictor.{{ .Release.Namespace }}:80
  {{- end }}
  - --predictor_protocol={{ .Values.predictor.protocol }}
  {{- with .Values.predictor.modelName }}
  - --predictor_model_name={{ . }}
  {{- end }}
  {{- with .Values.timeoutSeconds }}
  - --request_timeout_seconds={{ . }}
  {{- if gt (int .) 20 }}
  - --shutdown_timeout_seconds={{ . }}
  {{- end }}
  {{- end }}
  {{- if and (eq .Values.mode "Knative") (not $collocated) .Values.transformer.containerConcurrency }}
  - --workers=1
  {{- end }}
  {{- range .Values.transformer.args }}
  - {{ . | quote }}
  {{- end }}
{{- if or .Values.transformer.env .Values.transformer.envFromSources }}
env:
  {{- range $name, $value := .Values.transformer.env }}
  - name: {{ $name | quote }}
    value: {{ $value | quote }}
  {{- end }}
  {{- with .Values.transformer.envFromSources }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
ports:
  - containerPort: {{ $port }}
    protocol: TCP
resources: {{- toYaml .Values.transformer.resources | nindent 2 }}
readinessProbe:
  httpGet: { path: /v2/health/ready, port: {{ $port }} }
  periodSeconds: 5
  timeoutSeconds: 5
livenessProbe:
  httpGet: { path: /v2/health/live, port: {{ $port }} }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
securityContext:
  runAsNonRoot: true
  readOnlyRootFilesystem: true
  allowPrivilegeEscalation: false
  capabilities: { drop: [ALL] }
  seccompProfile: { type: RuntimeDefault }
{{- end -}}
