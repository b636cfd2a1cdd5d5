/** What KServe's model servers listen on and its controller appends as `--http_port`. */
export const HTTP_PORT = 8080;
/** What KServe's model servers listen on when they have a certificate. */
export const TLS_PORT = 8443;
/** Port of a component's Kubernetes service, which a predictor host without a port means. */
export const SERVICE_PORT = 80;
