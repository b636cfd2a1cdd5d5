import { request } from "undici";
import { InferenceError, invalidArgument } from "../../errors.ts";

export interface HttpResponse {
  readonly status: number;
  readonly text: string;
}

/** A running transformer over HTTP, with the headers that go along with every request. */
export class Connection {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;

  /** @throws InferenceError invalid_argument for a header that is no `NAME: VALUE`. */
  constructor(url: string, header: string | undefined) {
    const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`;
    this.url = whole.replace(/\/+$/, "");
    this.headers = parseHeader(header);
  }

  /** @throws InferenceError that says why the server cannot be reached. */
  async send(path: string, signal: AbortSignal, message?: SentMessage): Promise<HttpResponse> {
    const headers = { ...this.headers, ...message?.headers };
    const sent = message === undefined ? {} : ({ method: "POST", body: message.body } as const);
    try {
      const response = await request(this.url + path, { signal, headers, ...sent });
      return { status: response.statusCode, text: await response.body.text() };
    } catch (error) {
      const { code, message: text } = error as NodeJS.ErrnoException;
      const why = signal.aborted ? "no response in time" : (code ?? text);
      throw new InferenceError(`${this.url} cannot be reached: ${why}`, { cause: error });
    }
  }

  /** The name of the only model. @throws InferenceError invalid_argument that lists them where there are several. */
  async onlyModel(signal: AbortSignal): Promise<string> {
    const names = parseModels((await this.send("/v1/models", signal)).text);
    const [only, ...others] = names;
    if (only !== undefined && others.length === 0) return only;
    throw invalidArgument(
      `which model? ${this.url} has ${names.join(", ") || "none that it names"}; give --model_name`,
    );
  }
}

interface SentMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

function parseModels(text: string): readonly string[] {
  try {
    return (JSON.parse(text) as { readonly models?: readonly string[] }).models ?? [];
  } catch {
    return [];
  }
}

function parseHeader(header: string | undefined): Record<string, string> {
  if (header === undefined) return {};
  const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(header) ?? [];
  if (name === undefined || value === undefined) {
    throw invalidArgument(`--header expects NAME: VALUE, got ${JSON.stringify(header)}`);
  }
  return { [name.toLowerCase()]: value };
}
