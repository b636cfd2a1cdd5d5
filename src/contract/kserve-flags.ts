/**
 * The flags of KServe's own model servers (its Python SDK 0.20, and TLS of 0.21), which its controller and its users' manifests pass:
 * every one is accepted, and the few that mean nothing here say why.
 */
export const KSERVE_FLAGS = {
  model_name: {
    type: "text",
    default: "model",
    environment: ["INFERENCE_SERVICE_NAME"],
    description: "Name under which clients ask for the model.",
  },
  predictor_host: {
    type: "text",
    environment: ["PREDICTOR_HOST"],
    description: "Predictor to call: HOST, HOST:PORT or a URL.",
  },
  predictor_protocol: {
    type: "choice",
    choices: ["v1", "v2", "grpc-v1", "grpc-v2", "auto"],
    default: "v1",
    environment: ["PREDICTOR_PROTOCOL"],
    alias: "protocol",
    description: "What the predictor speaks; the controller never says it. auto asks the predictor once.",
  },
  predictor_use_ssl: {
    type: "boolean",
    default: false,
    environment: ["PREDICTOR_USE_SSL"],
    description: "Call the predictor over TLS.",
  },
  predictor_request_timeout_seconds: {
    type: "number",
    default: 600,
    minimum: 0.001,
    maximum: 2147483,
    description: "Time for one predictor call.",
  },
  predictor_request_retries: {
    type: "integer",
    default: 0,
    minimum: 0,
    maximum: 10,
    description: "Further attempts after a connection that failed before anything was sent.",
  },
  enable_predictor_health_check: {
    type: "boolean",
    default: false,
    description: "Ready only while the predictor is.",
  },
  http_port: {
    type: "integer",
    default: 8080,
    minimum: 0,
    maximum: 65535,
    description: "Port to listen on; 0 takes a free one.",
  },
  timeout_keep_alive: {
    type: "number",
    default: 65,
    minimum: 0,
    description: "Seconds that an idle connection is kept; longer than the gateway's.",
  },
  grpc_port: {
    type: "integer",
    minimum: 0,
    maximum: 65535,
    description: "A port for gRPC alone; --http_port serves REST and gRPC.",
  },
  ssl_certfile: {
    type: "text",
    description: "The server's certificate chain (PEM): HTTPS, and gRPC over TLS. Read again when it changes.",
  },
  ssl_keyfile: {
    type: "text",
    description: "The key of --ssl_certfile (PEM).",
  },
  enable_grpc: {
    type: "boolean",
    default: true,
    description: "Serve gRPC.",
  },
  grpc_max_receive_message_length: {
    type: "integer",
    minimum: -1,
    description: "Bytes of a gRPC request.",
    noted: "--max_body_bytes bounds requests of every protocol",
  },
  grpc_max_send_message_length: {
    type: "integer",
    minimum: -1,
    description: "Bytes of a gRPC response.",
    noted: "responses have no bound of their own",
  },
  workers: {
    type: "integer",
    default: 1,
    minimum: 1,
    description: "Processes that share the port; one that ends is replaced, SIGHUP renews them one by one.",
  },
  max_threads: {
    type: "integer",
    default: 4,
    minimum: 1,
    description: "Threads of Python's server.",
    noted: "hooks run on Node's event loop",
  },
  max_asyncio_workers: {
    type: "integer",
    minimum: 1,
    description: "Threads of Python's event loop.",
    noted: "hooks run on Node's event loop",
  },
  event_loop: {
    type: "text",
    default: "auto",
    description: "Event loop of Python's server.",
    noted: "Node has one event loop",
  },
  enable_docs_url: {
    type: "boolean",
    default: false,
    description: "Serve an API page at /docs.",
  },
  enable_latency_logging: {
    type: "boolean",
    default: true,
    description: "Log a line with the stage times of each request.",
    noted: "stage times are not logged yet",
  },
  configure_logging: {
    type: "boolean",
    default: true,
    description: "Let the server set up Python's logging.",
    noted: "logs are JSON lines on standard output; see --log_level",
  },
  log_config_file: {
    type: "text",
    description: "Configuration of Python's logging.",
    noted: "logs are JSON lines on standard output; see --log_level",
  },
  access_log_format: {
    type: "text",
    description: "Format of Python's access log.",
    noted: "logs are JSON lines on standard output; see --log_level",
  },
} as const;
