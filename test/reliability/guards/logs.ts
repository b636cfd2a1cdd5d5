import type { ExchangeListener } from "../../../src/inference/exchange-listener.ts";
import { createAccessLog } from "../../../src/observability/access-log.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import type { Guard } from "./guard.ts";
import { expectFine, until, withGuarded } from "./guarded-server.ts";

type Line = Readonly<Record<string, unknown>>;

/** One line a request that reached a model, whatever became of it, under the id that its client has. */
export const requestLog: Guard = {
  name: "request log and id",
  setBy: "--access_log",
  promise:
    "One line a request, also where the body cannot be read or the predictor fails, under the id that the client sent and gets back.",
  hold: async (front) => {
    const lines: Line[] = [];
    const log = createLogger({ destination: { write: (line) => void lines.push(JSON.parse(line)) } });
    return withGuarded(front, { listeners: [createAccessLog(log)], log }, async ({ ask, backend }) => {
      const requests = (): Line[] => lines.filter(({ msg }) => msg === "request");
      const askAs = async (id: string, status: number, broken = false): Promise<void> => {
        const before = requests().length;
        const { headers } = await ask({ headers: { "x-request-id": id }, broken });
        await until(() => requests().length > before);
        const own = front.page ? expect.stringMatching(/^playground-/) : id;
        expect(headers["x-request-id"]).toEqual(own);
        const line = { requestId: headers["x-request-id"], model: "m", protocol: front.protocol, status };
        expect(requests().slice(before)).toEqual([expect.objectContaining(line)]);
      };
      await askAs("fine", 200);
      if (!front.readsFirst) await askAs("unreadable", 400, true);
      backend.status = 503;
      await askAs("failing", 503);
      return "a line each";
    });
  },
};

/** Both bodies, as the client sent and got them. */
export const payloadLog: Guard = {
  name: "payload log",
  setBy: "--payload_log_sample, --payload_log_url",
  promise: "Both bodies, also of requests that fail.",
  hold: async (front) => {
    const seen: string[] = [];
    const textOf = (chunks: readonly Uint8Array[] = []): string => Buffer.concat(chunks).toString();
    const listener: ExchangeListener = {
      payload: (_exchange, request, response, status) => {
        seen.push(`${status} ${textOf(request.body)} → ${textOf(response?.body)}`);
      },
    };
    return withGuarded(front, { listeners: [listener] }, async ({ ask, backend }) => {
      expectFine(front, await ask());
      await until(() => seen.length === 1);
      expect(seen[0]).toMatch(/^200 [\s\S]*row[\s\S]* → [\s\S]*one/);
      backend.status = 503;
      await ask();
      await until(() => seen.length === 2);
      expect(seen[1]).toMatch(/^503 [\s\S]*row/);
      return "both bodies";
    });
  },
};
