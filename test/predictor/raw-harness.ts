import type { Socket } from "node:net";
import { createHttpPredictor } from "../../src/predictor/http/http-predictor.ts";
import type { HttpPredictorOptions } from "../../src/predictor/http/options.ts";
import type { Predictor } from "../../src/predictor/predictor.ts";
import { type RawServer, startRawServer } from "./raw-server.ts";

/** What was opened by a test file; closed, last first, after each of its tests. */
export interface RawHarness {
  readonly closers: (() => Promise<void>)[];
  start(
    misbehave: (socket: Socket, request: string) => void,
    options?: Partial<HttpPredictorOptions>,
  ): Promise<{ readonly server: RawServer; readonly predictor: Predictor }>;
  connect(host: string, options?: Partial<HttpPredictorOptions>): Predictor;
}

/** HTTP predictors in front of raw servers, for one test file. */
export function createRawHarness(): RawHarness {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  const connect: RawHarness["connect"] = (host, options = {}) => {
    const predictor = createHttpPredictor({ host, modelName: "m", ...options });
    closers.push(() => predictor.close());
    return predictor;
  };
  return {
    closers,
    connect,
    start: async (misbehave, options = {}) => {
      const server = await startRawServer(misbehave);
      closers.push(server.close);
      return { server, predictor: connect(server.url, options) };
    },
  };
}
