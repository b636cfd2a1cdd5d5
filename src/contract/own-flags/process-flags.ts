/** How the server listens, tells of itself and ends. */
export const PROCESS_FLAGS = {
  host: {
    type: "text",
    description: "Address to listen on; all of them by default, as a container must.",
  },
  probe_port: {
    type: "integer",
    minimum: 0,
    maximum: 65535,
    description: "Health on a port and a thread of its own, which no busy hook holds up.",
  },
  probe_heartbeat_seconds: {
    type: "number",
    default: 60,
    minimum: 1,
    description: "Liveness there fails when the main loop has not been heard of for this long.",
  },
  metrics_port: {
    type: "integer",
    minimum: 0,
    maximum: 65535,
    description: "A port of its own for /metrics, plain HTTP; it is no longer on --http_port.",
  },
  warmup_file: {
    type: "text",
    description:
      "File with a request body, or one a line, V1's or V2's: sent through the pipeline before the model is ready.",
  },
  reload_on_change: {
    type: "list",
    description:
      "Files and folders, mounted ConfigMaps too: when one changes, a new transformer is made and loaded, and takes over.",
  },
  access_log: {
    type: "boolean",
    default: false,
    description: "Log one line a request; probes have none.",
  },
  payload_log_sample: {
    type: "number",
    minimum: 0,
    maximum: 1,
    description:
      "Share of requests whose bodies are logged, 0 to 1; they hold what users send. None by default, all with --payload_log_url.",
  },
  payload_log_url: {
    type: "text",
    description: "Send bodies there as CloudEvents, as KServe's logger does, instead of writing them to the log.",
  },
  payload_log_mode: {
    type: "choice",
    choices: ["all", "request", "response"],
    default: "all",
    description: "Which bodies are sent there.",
  },
  payload_log_redact: {
    type: "list",
    description:
      "Members of JSON bodies and V2 tensors whose values are not logged, beside those that the row schema calls writeOnly.",
  },
  payload_log_headers: {
    type: "list",
    description:
      "Request headers that the events' attribute metadata holds, as with KServe's metadataHeaders; never credentials.",
  },
  payload_log_annotations: {
    type: "list",
    description: "NAME=VALUE pairs for the events' attribute annotations.",
  },
  payload_log_queue: {
    type: "integer",
    default: 1000,
    minimum: 1,
    description: "Events that may wait to be sent; beyond it they are dropped and counted, and no request waits.",
  },
  server_timing: {
    type: "boolean",
    default: false,
    description: "Tell clients the time of each stage in the header Server-Timing.",
  },
  drain_seconds: {
    type: "number",
    default: 3,
    minimum: 0,
    description:
      "After SIGTERM: seconds not ready but still accepting, while the cluster takes the pod out of its service.",
  },
  shutdown_timeout_seconds: {
    type: "number",
    default: 20,
    minimum: 0,
    description: "After the drain: seconds for requests in flight.",
  },
  log_level: {
    type: "choice",
    choices: ["trace", "debug", "info", "warn", "error", "silent"],
    default: "info",
    environment: ["KSERVE_LOGLEVEL"],
    description: "Least level that is logged.",
  },
} as const;
