import { InferenceError, invalidArgument } from "../../errors.ts";
import { importPeer } from "../../import-peer.ts";

/** An object, or with a key that ends with `/` or is empty all objects below it. */
export interface S3Place {
  readonly bucket: string;
  readonly key: string;
}

/** The bucket and the key of `s3://BUCKET/KEY`; undefined for what is no such URL. @throws InferenceError invalid_argument without a bucket. */
export function parseS3Place(url: string): S3Place | undefined {
  if (!/^s3:/i.test(url)) return undefined;
  const [, bucket, key] = /^s3:\/\/([^/]+)\/?(.*)$/is.exec(url) ?? [];
  if (bucket === undefined || key === undefined) throw invalidArgument(`${url}: expected s3://BUCKET/KEY`);
  return { bucket, key };
}

export function formatS3Place({ bucket, key }: S3Place): string {
  return `s3://${bucket}/${key}`;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Send = (url: string, init: RequestInit) => Promise<Response>;

const RETRIES = 3;

/** Objects over S3's REST interface; buckets are the first part of a path, which S3 and what speaks like it all take. */
export class S3Store {
  readonly #endpoint: string;
  readonly #send: Send;
  readonly #signal: AbortSignal;

  private constructor(endpoint: string, send: Send, signal: AbortSignal) {
    this.#endpoint = endpoint;
    this.#send = send;
    this.#signal = signal;
  }

  /**
   * With what the AWS tools read from the environment: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`
   * or `AWS_DEFAULT_REGION`, `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`. Without keys requests are not signed.
   * @throws InferenceError invalid_argument for half of a key, unimplemented that names the install command where aws4fetch is missing.
   */
  static async open(env: Environment, signal: AbortSignal): Promise<S3Store> {
    const region = env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || "us-east-1";
    const endpoint =
      env["AWS_ENDPOINT_URL_S3"] || env["AWS_ENDPOINT_URL"] || `https://s3.${encodeURIComponent(region)}.amazonaws.com`;
    if (!URL.canParse(endpoint)) throw invalidArgument(`AWS_ENDPOINT_URL: expected a URL, got '${endpoint}'`);
    const [accessKeyId, secretAccessKey] = [env["AWS_ACCESS_KEY_ID"] || "", env["AWS_SECRET_ACCESS_KEY"] || ""];
    if ((accessKeyId === "") !== (secretAccessKey === "")) {
      throw invalidArgument("expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, got one of them");
    }
    const send = accessKeyId === "" ? fetch : await createSigner({ accessKeyId, secretAccessKey, region }, env);
    return new S3Store(endpoint.replace(/\/+$/, ""), send, signal);
  }

  /**
   * An object, or the bytes from `start` to before `end` of it.
   * @throws InferenceError invalid_argument for an object that is not there or may not be read, unavailable for other faults.
   */
  async get(place: S3Place, range?: { readonly start: number; readonly end: number }): Promise<Response> {
    const headers: Record<string, string> =
      range === undefined ? {} : { range: `bytes=${range.start}-${range.end - 1}` };
    const path = place.key.split("/").map(encodeURIComponent).join("/");
    const response = await this.#ask(place, `/${path}`, { headers });
    if (range !== undefined && response.status !== 206) {
      throw new InferenceError(`${formatS3Place(place)}: expected a part, got the status ${response.status}`);
    }
    return response;
  }

  /** Keys that begin with the place's, in their order. */
  async *list(place: S3Place): AsyncGenerator<string, void, undefined> {
    for (let token: string | undefined = ""; token !== undefined; ) {
      const query = new URLSearchParams({ "list-type": "2", "encoding-type": "url", prefix: place.key });
      if (token !== "") query.set("continuation-token", token);
      const text = await (await this.#ask(place, `?${query}`, {})).text();
      // Not every server that speaks like S3 encodes what it was asked to; those that do say so.
      const isEncoded = /<EncodingType>url</.test(text);
      for (const [, written = ""] of text.matchAll(/<Key>([^<]*)<\/Key>/g)) {
        const key = unescapeXml(written);
        yield isEncoded ? decodeURIComponent(key.replaceAll("+", " ")) : key;
      }
      const [, next] = /<NextContinuationToken>([^<]*)</.exec(text) ?? [];
      token = next === undefined ? undefined : unescapeXml(next);
    }
  }

  async #ask(place: S3Place, rest: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      const url = `${this.#endpoint}/${encodeURIComponent(place.bucket)}${rest}`;
      response = await this.#send(url, { ...init, signal: this.#signal });
    } catch (error) {
      if (this.#signal.aborted) throw error;
      const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
      const why = code === undefined ? "" : ` (${code})`;
      throw new InferenceError(
        `${this.#endpoint} cannot be asked for ${formatS3Place(place)}${why}: look at AWS_ENDPOINT_URL`,
        { code: "unavailable", cause: error },
      );
    }
    if (response.ok) return response;
    throw toFault(place, response.status, await response.text());
  }
}

/** What a status and the XML of S3 say; where it is one of the requester, with the variable to look at. */
function toFault(place: S3Place, status: number, body: string): InferenceError {
  const [, code = ""] = /<Code>([^<]*)</.exec(body) ?? [];
  const [, message] = /<Message>([^<]*)</.exec(body) ?? [];
  const where = formatS3Place(place);
  const said = `${status} ${code}`.trimEnd();
  if (code === "NoSuchBucket") return invalidArgument(`${where}: there is no bucket '${place.bucket}' (${said})`);
  if (code === "NoSuchKey" || said === "404") return invalidArgument(`${where}: there is no such object (${said})`);
  if (status === 401 || status === 403) {
    return invalidArgument(
      `${where}: may not be read (${said}); look at ${KEY_VARIABLES[code] ?? "AWS_ACCESS_KEY_ID"}`,
    );
  }
  const text = `${where}: ${said}${message === undefined ? "" : `, ${unescapeXml(message)}`}`;
  return new InferenceError(text, { code: status >= 500 || status === 429 ? "unavailable" : "invalid_argument" });
}

const KEY_VARIABLES: Readonly<Record<string, string>> = {
  SignatureDoesNotMatch: "AWS_SECRET_ACCESS_KEY",
  ExpiredToken: "AWS_SESSION_TOKEN",
  InvalidToken: "AWS_SESSION_TOKEN",
};

async function createSigner(
  keys: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly region: string },
  env: Environment,
): Promise<Send> {
  const { AwsClient } = await loadAws4fetch();
  const sessionToken = env["AWS_SESSION_TOKEN"];
  const client = new AwsClient({ ...keys, ...(sessionToken ? { sessionToken } : {}), service: "s3", retries: RETRIES });
  return (url, init) => client.fetch(url, init);
}

function loadAws4fetch(): Promise<typeof import("aws4fetch")> {
  return importPeer("aws4fetch", "signed requests to S3 need a package of their own: npm install aws4fetch");
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name ?? ""] ?? whole;
  });
}
