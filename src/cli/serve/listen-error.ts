import { InferenceError } from "../../errors.ts";

/** Why a server cannot listen, and what to do about it; other errors as they are. */
export function explainListenError(error: unknown, host: string | undefined, httpPort: number): unknown {
  const { code, port = httpPort } = error as NodeJS.ErrnoException & { readonly port?: number };
  const place = host === undefined ? `port ${port}` : `port ${port} of ${host}`;
  switch (code) {
    case "EADDRINUSE":
      return failure(
        `${place} is taken by another process; choose another${port === httpPort ? " with --http_port" : ""} (in the predictor's pod a transformer needs a port of its own)`,
      );
    case "EACCES":
      return failure(`${place} may not be used by this user; choose one from 1024 up`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return failure(`--host ${host} is no address of this machine`);
    default:
      return error;
  }

  function failure(message: string): InferenceError {
    return new InferenceError(message, { cause: error });
  }
}
