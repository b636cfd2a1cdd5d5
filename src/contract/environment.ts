/** What an environment variable means to the command; names that stand in for a flag are in the flag's own row. */
export const ENVIRONMENT = {
  TRANSFORMER: "The transformer to serve when the command names none: a shipped one's name or a file.",
  INFERENCE_SERVICE_NAME: "Set by the controller: the model's name where no --model_name is given.",
  POD_NAMESPACE: "Namespace that the events of the payload log name; set it from metadata.namespace.",
  PREDICTOR_HOST: "Stands in for --predictor_host.",
  PREDICTOR_PORT: "Stands in for --predictor_port.",
  PREDICTOR_PROTOCOL:
    "Stands in for --predictor_protocol; http and https, which some platforms set, are read as the scheme.",
  PREDICTOR_USE_SSL: "Stands in for --predictor_use_ssl.",
  IMAGE_ALLOW: "Stands in for --image_allow.",
  KSERVE_LOGLEVEL: "Stands in for --log_level; Python's names and numbers are understood.",
  KSERVE_OPENAI_ROUTE_PREFIX: "Stands in for --openai_route_prefix.",
  CE_TYPE: "Stands in for --ce_type.",
  CE_SOURCE: "Stands in for --ce_source.",
  CE_MERGE: "Stands in for --ce_merge.",
  PORT: "Set by Knative: the port that it sends requests to; a warning is logged when --http_port is another.",
  KSERVE_TLS_CERT_FILE:
    "Certificate (PEM) of the server; with it TLS is served, on 8443 where no --http_port is given.",
  KSERVE_TLS_KEY_FILE: "Key (PEM) of the server's certificate.",
  OTEL_EXPORTER_OTLP_ENDPOINT:
    "Where traces go; with it, or with OTEL_TRACES_EXPORTER, they are made. OpenTelemetry's other variables count too.",
  OTEL_TRACES_EXPORTER: "otlp, console or none.",
  REQUESTS_CA_BUNDLE: "Certificates to trust at the predictor.",
  CURL_CA_BUNDLE: "Certificates to trust at the predictor.",
  SSL_CERT_FILE: "Certificates to trust at the predictor.",
  SSL_CERT_DIR: "Folders of certificates to trust at the predictor.",
  GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: "Certificates to trust at the predictor.",
  GRPC_NODE_VERBOSITY:
    "What grpc-js itself writes to standard error: error, info or debug. Nothing where it is not set.",
  NODE_EXTRA_CA_CERTS: "Certificates to trust besides the others.",
} as const;

/** Names whose files hold certificates to trust at the predictor. */
export const CA_FILE_NAMES: readonly string[] = [
  "REQUESTS_CA_BUNDLE",
  "CURL_CA_BUNDLE",
  "SSL_CERT_FILE",
  "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
];
