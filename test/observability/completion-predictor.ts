import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** OpenAI's completions: one response, or two events. */
export async function startCompletionPredictor(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((incoming, outgoing) => {
    let body = "";
    incoming.on("data", (chunk) => {
      body += String(chunk);
    });
    incoming.on("end", () => {
      const isStream = body.includes('"stream":true');
      outgoing.writeHead(200, { "content-type": isStream ? "text/event-stream" : "application/json" });
      if (isStream) outgoing.write('data: {"choices":[{"text":"he"}]}\n\n');
      outgoing.end(isStream ? "data: [DONE]\n\n" : '{"choices":[{"text":"hello"}]}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
