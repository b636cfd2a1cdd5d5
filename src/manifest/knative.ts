/** Container ports that Knative keeps for its own sidecar. */
export const KNATIVE_RESERVED_PORTS: readonly number[] = [8008, 8012, 8013, 8022, 9090, 9091];

/** Names that Knative allows for the one port: the protocol that it speaks to the container. */
export const KNATIVE_PORT_NAMES: readonly string[] = ["", "http1", "h2c"];

/** Environment that Knative sets and does not let a manifest set. */
export const KNATIVE_RESERVED_ENVIRONMENT: readonly string[] = ["PORT", "K_SERVICE", "K_CONFIGURATION", "K_REVISION"];

/** Container fields that Knative refuses: draining and terminals are its own affair. */
export const KNATIVE_REFUSED_CONTAINER_FIELDS: readonly string[] = [
  "lifecycle",
  "stdin",
  "stdinOnce",
  "tty",
  "volumeDevices",
];

/** Pod fields that Knative refuses whatever its feature flags say. */
export const KNATIVE_REFUSED_POD_FIELDS: readonly string[] = [
  "restartPolicy",
  "terminationGracePeriodSeconds",
  "activeDeadlineSeconds",
  "nodeName",
  "hostname",
  "subdomain",
  "priority",
  "readinessGates",
];
