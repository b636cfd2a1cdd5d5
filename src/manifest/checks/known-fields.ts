import { list, map, type ObjectShape, object } from "./shape.ts";

const HTTP_GET = object(
  { text: "host path scheme", quantity: "port" },
  { httpHeaders: list(object({ text: "name value" })) },
);
const COMMAND = object({}, { command: list("text") });
const SOCKET = object({ text: "host", quantity: "port" });

const METADATA = object(
  {
    text: "name namespace generateName",
    any: "creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers generation managedFields ownerReferences resourceVersion selfLink uid",
  },
  { annotations: map("text"), labels: map("text") },
);

const PROBE = object(
  {
    integer:
      "failureThreshold initialDelaySeconds periodSeconds successThreshold terminationGracePeriodSeconds timeoutSeconds",
  },
  { exec: COMMAND, httpGet: HTTP_GET, tcpSocket: SOCKET, grpc: object({ integer: "port", text: "service" }) },
);

const LIFECYCLE_HANDLER = object(
  {},
  { exec: COMMAND, httpGet: HTTP_GET, tcpSocket: SOCKET, sleep: object({ integer: "seconds" }) },
);

const ENVIRONMENT = object(
  { text: "name value" },
  {
    valueFrom: object(
      {},
      {
        configMapKeyRef: object({ text: "key name", boolean: "optional" }),
        secretKeyRef: object({ text: "key name", boolean: "optional" }),
        fieldRef: object({ text: "apiVersion fieldPath" }),
        fileKeyRef: object({ text: "key path volumeName", boolean: "optional" }),
        resourceFieldRef: object({ text: "containerName resource", quantity: "divisor" }),
      },
    ),
  },
);

const RESOURCES = object({ any: "claims" }, { requests: map("quantity"), limits: map("quantity") });

/** `spec.containers[]` of a pod. */
export const CONTAINER: ObjectShape = object(
  {
    text: "image imagePullPolicy name restartPolicy terminationMessagePath terminationMessagePolicy workingDir",
    boolean: "stdin stdinOnce tty",
    any: "resizePolicy restartPolicyRules volumeDevices",
  },
  {
    args: list("text"),
    command: list("text"),
    env: list(ENVIRONMENT),
    envFrom: list(
      object(
        { text: "prefix" },
        {
          configMapRef: object({ text: "name", boolean: "optional" }),
          secretRef: object({ text: "name", boolean: "optional" }),
        },
      ),
    ),
    lifecycle: object({ text: "stopSignal" }, { postStart: LIFECYCLE_HANDLER, preStop: LIFECYCLE_HANDLER }),
    ports: list(object({ text: "hostIP name protocol", integer: "containerPort hostPort" })),
    livenessProbe: PROBE,
    readinessProbe: PROBE,
    startupProbe: PROBE,
    resources: RESOURCES,
    securityContext: object({
      boolean: "allowPrivilegeEscalation privileged readOnlyRootFilesystem runAsNonRoot",
      integer: "runAsGroup runAsUser",
      text: "procMount",
      any: "appArmorProfile capabilities seLinuxOptions seccompProfile windowsOptions",
    }),
    volumeMounts: list(
      object({ text: "mountPath mountPropagation name recursiveReadOnly subPath subPathExpr", boolean: "readOnly" }),
    ),
  },
);

const POD: ObjectShape = object(
  {
    integer: "activeDeadlineSeconds priority terminationGracePeriodSeconds",
    boolean:
      "automountServiceAccountToken enableServiceLinks hostIPC hostNetwork hostPID hostUsers setHostnameAsFQDN shareProcessNamespace",
    text: "dnsPolicy hostname hostnameOverride nodeName preemptionPolicy priorityClassName restartPolicy runtimeClassName schedulerName serviceAccount serviceAccountName subdomain",
    any: "affinity dnsConfig hostAliases os overhead readinessGates resourceClaims schedulingGates securityContext topologySpreadConstraints volumes",
  },
  {
    containers: list(CONTAINER),
    initContainers: list(CONTAINER),
    imagePullSecrets: list(object({ text: "name" })),
    nodeSelector: map("text"),
    resources: RESOURCES,
    tolerations: list(object({ text: "effect key operator value", integer: "tolerationSeconds" })),
  },
);

/** `spec.transformer`: a pod, and what KServe adds to each component. */
export const COMPONENT: ObjectShape = object(
  {
    integer: "canaryTrafficPercent containerConcurrency maxReplicas minReplicas scaleTarget timeout",
    text: "scaleMetric scaleMetricType",
  },
  {
    ...POD.fields,
    annotations: map("text"),
    labels: map("text"),
    autoScaling: object({ any: "behavior metrics" }),
    deploymentStrategy: object({ text: "type", any: "rollingUpdate" }),
    batcher: object({ integer: "maxBatchSize maxLatency timeout" }),
    logger: object(
      { text: "batchInterval marshallerUrl mode url", integer: "batchSize" },
      {
        metadataAnnotations: list("text"),
        metadataHeaders: list("text"),
        storage: object({ text: "key path serviceAccountName" }, { parameters: map("text") }),
      },
    ),
    storageUris: list(object({ text: "mountPath uri" })),
  },
);

const FRAMEWORK: ObjectShape = object(
  { text: "protocolVersion runtimeVersion storageUri", any: "confidential" },
  { ...CONTAINER.fields, storage: object({ text: "key path schemaPath" }, { parameters: map("text") }) },
);

/** `spec.predictor.model`. */
export const MODEL: ObjectShape = object(
  { text: "runtime" },
  { ...FRAMEWORK.fields, modelFormat: object({ text: "name version" }) },
);

/** Fields of `spec.predictor` that name the framework, as KServe wrote it before `model`. */
export const FRAMEWORK_FIELDS: readonly string[] = [
  "sklearn",
  "xgboost",
  "lightgbm",
  "tensorflow",
  "pytorch",
  "triton",
  "onnx",
  "huggingface",
  "pmml",
  "paddle",
];

const PREDICTOR: ObjectShape = object(
  { text: "name storageContainerName", any: "workerSpec" },
  {
    ...COMPONENT.fields,
    model: MODEL,
    ...Object.fromEntries(FRAMEWORK_FIELDS.map((name) => [name, FRAMEWORK])),
  },
);

/** `spec` of an InferenceService of KServe 0.20. */
export const INFERENCE_SERVICE_SPEC: ObjectShape = object(
  {},
  {
    predictor: PREDICTOR,
    transformer: COMPONENT,
    explainer: object({ any: "art" }, COMPONENT.fields),
    canary: list(
      object({ integer: "trafficPercent" }, { predictor: object({ any: "ephemeralContainers" }, PREDICTOR.fields) }),
    ),
  },
);

/** An InferenceService; its status is the controller's. */
export const INFERENCE_SERVICE: ObjectShape = object(
  { text: "apiVersion kind", any: "status" },
  {
    metadata: METADATA,
    spec: INFERENCE_SERVICE_SPEC,
  },
);

/** `spec` of an InferenceGraph of KServe 0.20. */
export const INFERENCE_GRAPH_SPEC: ObjectShape = object(
  {
    integer: "maxReplicas minReplicas scaleTarget timeout",
    text: "nodeName scaleMetric serviceAccountName",
    any: "affinity",
  },
  {
    nodeSelector: map("text"),
    resources: RESOURCES,
    routerTimeouts: object({ integer: "serverIdle serverRead serverWrite serviceClient" }),
    tolerations: list(object({ text: "effect key operator value", integer: "tolerationSeconds" })),
    nodes: {
      map: object(
        { text: "routerType" },
        {
          steps: list(
            object({
              text: "condition data dependency name nodeName serviceName serviceUrl",
              boolean: "mapPredictionsToInstances",
              integer: "weight",
            }),
          ),
        },
      ),
    },
  },
);

export const INFERENCE_GRAPH: ObjectShape = object(
  { text: "apiVersion kind", any: "status" },
  { metadata: METADATA, spec: INFERENCE_GRAPH_SPEC },
);
