import { invalidArgument } from "../errors.ts";

export interface PredictorAddress {
  /** `http://host:port`, the default port left out. */
  readonly origin: string;
  /** Path before `/v1` or `/v2`, without a slash at its end. */
  readonly basePath: string;
  /** `host:port` for logs. */
  readonly address: string;
  readonly secure: boolean;
}

/**
 * Reads what people and controllers write: `host`, `host:port`, `[::1]:8080`, or a URL with an own path. Without a port it is
 * 80, or 443 with TLS.
 * @throws InferenceError invalid_argument that says what is wrong with it.
 */
export function parsePredictorAddress(host: string, useSsl: boolean | undefined): PredictorAddress {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(host)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "http" && scheme !== "https") {
    throw invalidArgument(`predictor host: expected http or https, got ${scheme}://`);
  }
  const secure = scheme === undefined ? useSsl === true : scheme === "https";
  if (scheme === "http" && useSsl === true) {
    throw invalidArgument("predictor host: http:// contradicts the use of TLS");
  }
  if (/^\d+$/.test(host)) {
    throw invalidArgument(`predictor host: ${host} is a port alone; write localhost:${host}`);
  }
  const url = parse(scheme === undefined ? `${secure ? "https" : "http"}://${host}` : host);
  if (url.username !== "" || url.password !== "") {
    throw invalidArgument("predictor host: credentials do not belong into an address; send an authorization header");
  }
  if (url.search !== "" || url.hash !== "") throw invalidArgument("predictor host: expected no query and no fragment");
  return {
    origin: url.origin,
    basePath: url.pathname.replace(/\/+$/, ""),
    address: `${url.hostname}:${url.port === "" ? (secure ? 443 : 80) : url.port}`,
    secure,
  };
}

function parse(text: string): URL {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    // Said below, without the text: it may hold a secret.
  }
  if (url === undefined || url.hostname === "") {
    throw invalidArgument("predictor host: expected host, host:port or an http(s) URL");
  }
  return url;
}
