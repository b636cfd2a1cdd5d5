/** What an environment variable means to the command; names that stand in for a flag are in the flag's own row. */
export const ENVIRONMENT = {
  TRANSFORMER: "The transformer to serve when the command names none: a shipped one's name or a file.",
  INFERENCE_SERVICE_NAME: "Set by the controller: the model's name where no --model_name is given.",
  PREDICTOR_HOST: "Stands in for --predictor_host.",
  PREDICTOR_PORT: "Stands in for --predictor_port.",
  PREDICTOR_PROTOCOL:
    "Stands in for --predictor_protocol; http and https, which some platforms set, are read as the scheme.",
  PREDICTOR_USE_SSL: "Stands in for --predictor_use_ssl.",
  IMAGE_ALLOW: "Stands in for --image_allow.",
  KSERVE_LOGLEVEL: "Stands in for --log_level; Python's names and numbers are understood.",
  PORT: "Set by Knative: the port that it sends requests to; a warning is logged when --http_port is another.",
  KSERVE_TLS_CERT_FILE:
    "Certificate of the server, set by some platforms: TLS is not served yet, and the command ends and says so.",
  KSERVE_TLS_KEY_FILE: "Key of the server's certificate, likewise.",
  REQUESTS_CA_BUNDLE: "Certificates to trust at the predictor.",
  CURL_CA_BUNDLE: "Certificates to trust at the predictor.",
  SSL_CERT_FILE: "Certificates to trust at the predictor.",
  SSL_CERT_DIR: "Folders of certificates to trust at the predictor.",
  GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: "Certificates to trust at the predictor.",
  NODE_EXTRA_CA_CERTS: "Certificates to trust besides the others.",
} as const;

/** Names whose files hold certificates to trust at the predictor. */
export const CA_FILE_NAMES: readonly string[] = [
  "REQUESTS_CA_BUNDLE",
  "CURL_CA_BUNDLE",
  "SSL_CERT_FILE",
  "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
];
