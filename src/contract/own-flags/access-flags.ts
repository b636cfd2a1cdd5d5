/** Who may ask, and from where. */
export const ACCESS_FLAGS = {
  client_ca_file: {
    type: "text",
    description: "Certificates (PEM) of which clients must show one's signature; needs --ssl_certfile.",
  },
  api_keys_file: {
    type: "text",
    description: "File of accepted API keys, one a line: requests need one, in x-api-key or as a bearer token.",
  },
  jwks_url: {
    type: "text",
    description: "URL of an identity provider's keys: requests need a bearer token that one of them signed.",
  },
  jwt_issuer: {
    type: "text",
    description: "Issuer that tokens must have.",
  },
  jwt_audience: {
    type: "text",
    description: "Audience that tokens must have.",
  },
  jwt_require_expiration: {
    type: "boolean",
    default: true,
    description: "Refuse tokens without an expiration, which are good for ever.",
  },
  auth_exempt_health: {
    type: "boolean",
    default: true,
    description: "Health and readiness need no credentials.",
  },
  auth_exempt_metrics: {
    type: "boolean",
    default: false,
    description: "Scrapes of /metrics need no credentials.",
  },
  model_control: {
    type: "boolean",
    default: false,
    description:
      "Requests with credentials may load, reload and unload the model: POST /v2/repository/models/NAME/load, and gRPC's.",
  },
  cors_origins: {
    type: "list",
    description: "Origins whose web pages may read responses: https://app.example.com, or * for every one.",
  },
  image_allow: {
    type: "list",
    environment: ["IMAGE_ALLOW"],
    description: "Hosts and CIDR ranges that downloads may reach though they are private: cdn.internal,10.0.0.0/8.",
  },
} as const;
