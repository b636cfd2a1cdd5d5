import { AwsClient } from "aws4fetch";

/** Where an object lies in S3 or in what speaks like it. */
export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

export interface ObjectStore {
  get(place: ObjectPlace, signal: AbortSignal): Promise<Uint8Array>;
  put(place: ObjectPlace, body: Uint8Array, signal: AbortSignal): Promise<void>;
}

export interface S3Options {
  /** For example `http://minio:9000`; buckets are the first part of a path. */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** @default "us-east-1" */
  readonly region?: string | undefined;
}

/** Objects over S3's REST interface, with requests that are signed (Signature Version 4). */
export function createS3Store({ endpoint, region = "us-east-1", ...keys }: S3Options): ObjectStore {
  const client = new AwsClient({ ...keys, region, service: "s3", retries: 2 });
  const send = async ({ bucket, key }: ObjectPlace, init: RequestInit): Promise<Response> => {
    const path = [bucket, ...key.split("/")].map(encodeURIComponent).join("/");
    const response = await client.fetch(`${endpoint}/${path}`, init);
    if (!response.ok) throw new Error(`${init.method} ${bucket}/${key}: ${response.status} ${await response.text()}`);
    return response;
  };
  return {
    async get(place, signal) {
      return new Uint8Array(await (await send(place, { method: "GET", signal })).arrayBuffer());
    },
    async put(place, body, signal) {
      await send(place, { method: "PUT", body, signal });
    },
  };
}
