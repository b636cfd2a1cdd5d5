/** What the KServe validator takes as the name of an InferenceService. */
export const SERVICE_NAME: RegExp = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
/** Longer, and the label `isvc.NAME-transformer` exceeds Kubernetes' 63. */
export const MAX_SERVICE_NAME_LENGTH = 46;
/** A DNS label: `NAME-transformer-NAMESPACE` must be one. */
export const MAX_DNS_LABEL_LENGTH = 63;
/** A container port's name. */
export const MAX_PORT_NAME_LENGTH = 15;

/** The first container of a transformer, whatever it was called. */
export const MAIN_CONTAINER = "kserve-container";
/** A transformer inside the predictor's pod. */
export const COLLOCATED_CONTAINER = "transformer-container";

/** Environment names that KServe's validator refuses on any container. */
export const BLOCKED_ENVIRONMENT: readonly string[] = ["PYTHONPATH"];
