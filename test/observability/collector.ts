import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface ReceivedEvent {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface Collector {
  readonly url: string;
  readonly events: readonly ReceivedEvent[];
  /** Resolves once there are so many. */
  until(number: number): Promise<readonly ReceivedEvent[]>;
  /** From now on requests get this status, or none at all. */
  answer(status: number | "never"): void;
  close(): void;
}

/** What stands behind KServe's logger: takes CloudEvents and keeps them. */
export async function startCollector(): Promise<Collector> {
  const events: ReceivedEvent[] = [];
  let status: number | "never" = 200;
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      events.push({ headers: incoming.headers, body: Buffer.concat(chunks).toString() });
      if (status !== "never") outgoing.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    events,
    until: async (number) => {
      for (let tries = 0; events.length < number && tries < 200; tries++)
        await new Promise((wake) => setTimeout(wake, 20));
      return events;
    },
    answer: (next) => {
      status = next;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
