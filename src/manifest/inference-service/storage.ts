import { invalidArgument } from "../../errors.ts";
import { defined, type ObjectMetadata, type Secret, type ServiceAccount } from "../kserve-objects.ts";
import type { CredentialOptions } from "./inference-service-options.ts";

/** Beginnings of the storage URIs that KServe 0.20 can fetch; a path is one too, and Azure's blob URLs are https. */
export const STORAGE_SCHEMES: readonly string[] = [
  "s3://",
  "gs://",
  "pvc://",
  "https://",
  "http://",
  "hf://",
  "oci://",
  "oci+native://",
  "hdfs://",
  "webhdfs://",
  "file://",
];

/** True when KServe can fetch a model from there. */
export function isStorageUri(uri: string): boolean {
  return STORAGE_SCHEMES.some((scheme) => uri.startsWith(scheme)) || (uri !== "" && !uri.includes("://"));
}

const FILL_IN = "FILL-IN";

/** Keys that KServe looks for in a Secret, by the scheme of the storage URI (its `pkg/credentials`). */
const SECRET_KEYS: Readonly<Record<string, readonly string[]>> = {
  s3: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
  gs: ["gcloud-application-credentials.json"],
  https: ["https-host", "headers"],
  http: ["https-host", "headers"],
  hf: ["HF_TOKEN"],
};

export interface StorageAccess {
  /** For `serviceAccountName` of the predictor. */
  readonly serviceAccountName?: string;
  /** To be applied before the InferenceService. */
  readonly objects: readonly (Secret | ServiceAccount)[];
}

/**
 * The service account of the predictor, with a Secret and a ServiceAccount to print where the options ask for them.
 *
 * @throws InferenceError invalid_argument when the storage knows no secret, no role or no endpoint
 */
export function createStorageAccess(
  name: string,
  namespace: string | undefined,
  storageUri: string,
  credentials: CredentialOptions,
): StorageAccess {
  const { secret, roleArn, serviceAccount } = credentials;
  if (schemeOf(storageUri) !== "s3") refuseS3Options(storageUri, credentials);
  const annotations = s3Annotations(credentials);
  if (secret === undefined && roleArn === undefined) {
    if (Object.keys(annotations).length > 0) {
      throw invalidArgument("S3's endpoint, region and https are annotations of its secret or role: name one of them");
    }
    return serviceAccount === undefined ? { objects: [] } : { serviceAccountName: serviceAccount, objects: [] };
  }
  const account: ServiceAccount = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: metadata(serviceAccount ?? `${name}-storage`, namespace, {
      ...(roleArn === undefined ? {} : { "eks.amazonaws.com/role-arn": roleArn }),
      ...(secret === undefined ? annotations : {}),
    }),
    ...(secret === undefined ? {} : { secrets: [{ name: secret }] }),
  };
  const objects =
    secret === undefined ? [account] : [createSecret(metadata(secret, namespace, annotations), storageUri), account];
  return { serviceAccountName: account.metadata.name, objects };
}

function metadata(name: string, namespace: string | undefined, annotations: Record<string, string>): ObjectMetadata {
  return defined({ name, namespace, annotations: Object.keys(annotations).length === 0 ? undefined : annotations });
}

function refuseS3Options(storageUri: string, credentials: CredentialOptions): void {
  for (const option of ["roleArn", "s3Endpoint", "s3Region", "s3UseHttps"] as const) {
    if (credentials[option] !== undefined) {
      throw invalidArgument(`${option} is for a model in S3; the storage URI is ${storageUri}`);
    }
  }
}

function s3Annotations(credentials: CredentialOptions): Record<string, string> {
  const { s3Endpoint, s3Region, s3UseHttps } = credentials;
  return defined({
    "serving.kserve.io/s3-endpoint": s3Endpoint,
    "serving.kserve.io/s3-region": s3Region,
    "serving.kserve.io/s3-usehttps": s3UseHttps === undefined ? undefined : s3UseHttps ? "1" : "0",
  });
}

function createSecret(metadata: ObjectMetadata, storageUri: string): Secret {
  const keys = SECRET_KEYS[schemeOf(storageUri)];
  if (keys === undefined) {
    const known = Object.keys(SECRET_KEYS).join(", ");
    throw invalidArgument(
      `a secret can be printed for ${known}, not for ${storageUri}; name a service account instead`,
    );
  }
  const values = keys.map((key) => [key, key === "https-host" ? new URL(storageUri).host : FILL_IN]);
  return { apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", stringData: Object.fromEntries(values) };
}

function schemeOf(storageUri: string): string {
  return storageUri.slice(0, Math.max(0, storageUri.indexOf("://")));
}
