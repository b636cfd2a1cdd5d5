import { createMetrics } from "../../../src/observability/metrics.ts";
import type { Guard } from "./guard.ts";
import { until, withGuarded } from "./guarded-server.ts";

/** Every request is counted once under how it ended, and none is in flight for ever. */
export const metrics: Guard = {
  name: "metrics",
  setBy: "–",
  promise: "Every request is counted once under its status, also where the client left; none is in flight for ever.",
  hold: async (front) => {
    const counted = createMetrics();
    try {
      return await withGuarded(front, { metrics: counted }, async ({ ask, backend }) => {
        await ask();
        if (!front.readsFirst) await ask({ broken: true });
        backend.status = 503;
        await ask();
        backend.status = 200;
        backend.hold();
        const before = backend.calls;
        const leaving = new AbortController();
        const left = ask({ signal: leaving.signal }).catch(() => undefined);
        await until(() => backend.calls > before);
        leaving.abort();
        await left;
        await until(() => backend.left === 1);
        const text = await scrapeUntil(counted.scrape, /status="499"/);
        const statuses = [...text.matchAll(/^kserve_transformer_requests_total\{(.*)\} (\d+)$/gm)].map(
          ([, labels, count]) => `${labels} ${count}`,
        );
        const labels = `model_name="m",protocol="${front.protocol}",verb="predict"`;
        const expected = front.readsFirst ? [200, 499, 503] : [200, 400, 499, 503];
        expect(statuses.sort()).toEqual(expected.map((status) => `${labels},status="${status}" 1`));
        expect(text).toContain('kserve_transformer_requests_in_flight{model_name="m"} 0');
        return expected.join(", ");
      });
    } finally {
      counted.close();
    }
  },
};

async function scrapeUntil(scrape: () => Promise<string>, seen: RegExp): Promise<string> {
  for (;;) {
    const text = await scrape();
    if (seen.test(text)) return text;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
