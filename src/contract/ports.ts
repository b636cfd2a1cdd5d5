/** What KServe's model servers listen on and its controller appends as `--http_port`. */
export const HTTP_PORT = 8080;
export const GRPC_PORT = 8081;
/** What KServe's model servers listen on when they have a certificate. */
export const TLS_PORT = 8443;
/** Port of the logger and batcher sidecar, which stands before the transformer. */
export const AGENT_PORT = 9081;
/** Port of a component's Kubernetes service, which a predictor host without a port means. */
export const SERVICE_PORT = 80;
