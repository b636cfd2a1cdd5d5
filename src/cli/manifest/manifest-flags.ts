/** The flags of `kserve-transformer manifest`. `REPEATED_FLAGS` take a `NAME=VALUE` each and may stand several times. */
export const MANIFEST_FLAGS = {
  from: {
    type: "text",
    description: "The transformer's FILE: names the service where NAME is left out, and what it declares and reads.",
  },
  image: { type: "text", description: "Image of the transformer." },
  predictor: {
    type: "text",
    description: "Model format of the predictor: sklearn, xgboost, tensorflow, pytorch, onnx, triton …",
  },
  storage_uri: { type: "text", description: "Where the model lies: s3://, gs://, pvc://, https://, hf:// …" },
  namespace: { type: "text", description: "Namespace; without it the one that kubectl uses." },
  layout: {
    type: "choice",
    choices: ["standalone", "collocated"],
    default: "standalone",
    description: "Pods of its own, or a second container in the predictor's pod.",
  },
  mode: {
    type: "choice",
    choices: ["standard", "knative"],
    default: "standard",
    description: "KServe's deployment mode.",
  },
  annotation: { type: "text", description: "NAME=VALUE for the service; may stand several times." },

  env: { type: "text", description: "NAME=VALUE for the transformer; may stand several times." },
  port: { type: "integer", minimum: 1, maximum: 65535, description: "Port of REST: 8080, collocated 8090." },
  grpc_port: { type: "integer", minimum: 1, maximum: 65535, description: "A port of its own for gRPC." },
  h2c: { type: "boolean", default: false, description: "Gateways speak HTTP/2 to the one port: gRPC and REST." },
  cpu: { type: "text", default: "500m", description: "CPU that the transformer asks for." },
  memory: { type: "text", default: "512Mi", description: "Memory that the transformer asks for." },
  cpu_limit: { type: "text", description: "CPU limit: --cpu where that is given, else 1." },
  memory_limit: { type: "text", description: "Memory limit: as --memory." },
  container_concurrency: { type: "integer", minimum: 1, description: "Requests at once per pod; Standard: --workers." },

  predictor_version: { type: "text", description: "Version of the model format." },
  predictor_runtime: { type: "text", description: "ServingRuntime; without it KServe chooses by format and protocol." },
  predictor_protocol: {
    type: "choice",
    choices: ["v1", "v2", "grpc-v1", "grpc-v2"],
    description: "What the predictor speaks; by default the first protocol of its runtime.",
  },
  predictor_model_name: { type: "text", description: "Name of the model at the predictor (Triton, TorchServe)." },
  predictor_env: { type: "text", description: "NAME=VALUE for the predictor's server; may stand several times." },
  predictor_cpu: { type: "text", default: "1", description: "CPU of the predictor, request and limit." },
  predictor_memory: { type: "text", default: "2Gi", description: "Memory of the predictor, request and limit." },
  predictor_gpu: { type: "integer", minimum: 1, description: "GPUs of the predictor." },
  headless: {
    type: "boolean",
    default: false,
    description: "The cluster makes services headless: name the pod's port.",
  },

  service_account: { type: "text", description: "Service account of the predictor." },
  secret: { type: "text", description: "Print a Secret of this name, to fill in, and its ServiceAccount." },
  role_arn: { type: "text", description: "Print a ServiceAccount with this AWS role instead." },
  s3_endpoint: { type: "text", description: "Host of an S3 that is not Amazon's." },
  s3_region: { type: "text", description: "Region of the bucket." },
  s3_use_https: { type: "boolean", description: "Whether the endpoint speaks TLS." },

  min_replicas: { type: "integer", minimum: 0, description: "Fewest pods of the transformer; 0 in Knative mode." },
  max_replicas: { type: "integer", minimum: 1, description: "Most pods of the transformer." },
  scale_metric: {
    type: "choice",
    choices: ["cpu", "memory", "concurrency", "rps"],
    description: "What pods scale on; Knative: concurrency, rps.",
  },
  scale_target: { type: "integer", minimum: 1, description: "Percent of the request; Knative: number per pod." },
  predictor_min_replicas: { type: "integer", minimum: 0, description: "Fewest pods of the predictor." },
  predictor_max_replicas: { type: "integer", minimum: 1, description: "Most pods of the predictor." },
  autoscaler: {
    type: "choice",
    choices: ["hpa", "external", "none"],
    description: "What scales a Standard service; hpa by default.",
  },
  timeout_seconds: { type: "integer", minimum: 1, description: "Time for one request." },
  canary_percent: { type: "integer", minimum: 0, maximum: 100, description: "Traffic of the new model." },
  canary_storage_uri: { type: "text", description: "Where the new model lies (Standard mode)." },

  batch_size: { type: "integer", minimum: 1, description: "KServe's batcher: most rows of a batch." },
  batch_latency_ms: { type: "integer", minimum: 1, description: "KServe's batcher: longest wait for a batch." },
  logger_url: { type: "text", description: "KServe's logger: where CloudEvents go." },
  kafka_topics: { type: "text", description: "Print a KafkaSource too: topics whose messages the service gets, a,b." },
  kafka_servers: { type: "text", description: "Kafka's brokers, HOST:PORT,HOST:PORT." },

  shards: {
    type: "integer",
    minimum: 1,
    description:
      "Print an Indexed Job instead, whose pods run batch on a part of the rows each; batch's arguments stand behind --.",
  },
  claim: { type: "text", description: "With --shards: PersistentVolumeClaim at /data, for rows and predictions." },
  graph: {
    type: "choice",
    choices: ["sequence", "switch", "ensemble", "splitter"],
    description: "Print an InferenceGraph of services instead: see --step.",
  },
  step: {
    type: "text",
    description:
      "A service of the graph, in order; splitter: NAME=PERCENT, switch: NAME=CONDITION. May stand several times.",
  },
  diff: {
    type: "text",
    description: "Print where this FILE differs instead of the manifest; exit code 1 where it does.",
  },
  logger_mode: { type: "choice", choices: ["all", "request", "response"], description: "What the logger sends: all." },
} as const;

export const REPEATED_FLAGS: readonly (keyof typeof MANIFEST_FLAGS)[] = ["env", "predictor_env", "annotation"];
