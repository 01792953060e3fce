{{- define "freshet.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{- define "freshet.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "freshet.labels" -}}
{{ include "freshet.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "freshet.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (ternary (include "freshet.name" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{- define "freshet.image" -}}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- end }}

{{/* What every pod of ours has in common. */}}
{{- define "freshet.pod" -}}
serviceAccountName: {{ include "freshet.serviceAccount" . }}
automountServiceAccountToken: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
volumes:
  - name: configuration
    configMap:
      name: {{ include "freshet.name" . }}
  - name: temporary
    emptyDir:
      sizeLimit: {{ .Values.worker.temporarySpace }}
  {{- with .Values.lake.existingClaim }}
  - name: data
    persistentVolumeClaim:
      claimName: {{ . }}
  {{- end }}
{{- end }}

{{/* What every container of ours has in common. */}}
{{- define "freshet.container" -}}
{{ include "freshet.image" . }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
env:
  - name: PGPASSWORD
    valueFrom:
      secretKeyRef:
        name: {{ .Values.lake.postgres.existingSecret }}
        key: {{ .Values.lake.postgres.passwordKey }}
  {{- range .Values.lake.secretEnvironment }}
  - name: {{ .name }}
    valueFrom:
      secretKeyRef:
        name: {{ .secret }}
        key: {{ .key }}
  {{- end }}
volumeMounts:
  - name: configuration
    mountPath: /lake/freshet.yml
    subPath: freshet.yml
    readOnly: true
  - name: temporary
    mountPath: /tmp
  {{- if .Values.lake.existingClaim }}
  - name: data
    mountPath: {{ .Values.lake.data | trimSuffix "/" }}
  {{- end }}
{{- end }}
