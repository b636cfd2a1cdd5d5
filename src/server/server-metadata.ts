import type { ServerMetadata } from "../inference/model-metadata.ts";

/** V2's server metadata; the extensions are those that work, under the names of the protocol. */
export const SERVER_METADATA: ServerMetadata = {
  name: "kserve-transformer",
  version: "0.1.0",
  extensions: [
    "binary_tensor_data",
    "model_repository",
    "model_configuration",
    "statistics",
    "parameters",
    "classification",
    "generate",
  ],
};
