import type { Ask } from "./clients.ts";
import type { Front } from "./fronts.ts";
import type { Guard } from "./guard.ts";
import { expectFine, statusOf, withGuarded } from "./guarded-server.ts";

const LIMITS = { maxBodyBytes: 500_000 };

function holdBytes(front: Front, ...asks: readonly Ask[]): Promise<string> {
  return withGuarded(front, { limits: LIMITS }, async ({ ask, backend }) => {
    const seen: string[] = [];
    for (const options of asks) {
      const { status, body } = await ask(options);
      seen.push(status);
      expect([status, body]).toEqual([statusOf(front, "payload_too_large"), expect.stringContaining("500000")]);
    }
    expect(backend.calls).toBe(0);
    expectFine(front, await ask());
    return seen[0] ?? "";
  });
}

/** A body over the limit is refused, whether its length is said before or not. */
export const requestBytes: Guard = {
  name: "bytes of a request",
  setBy: "--max_body_bytes",
  promise: "A larger body is refused, whether its length is said before or not.",
  hold: (front) => holdBytes(front, { padding: 800_000 }, { padding: 800_000, chunked: true }),
};

/** A small body that grows over the limit is refused. */
export const decompressedBytes: Guard = {
  name: "bytes when decompressed",
  setBy: "--max_body_bytes",
  promise: "A small body that grows beyond the limit is refused.",
  hold: (front) => holdBytes(front, { padding: 3_000_000, gzip: true }),
};
