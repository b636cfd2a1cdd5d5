import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createLogger } from "kserve-transformer/observability";
import { createPlayground, type PlaygroundOptions } from "kserve-transformer/playground";
import { type ServeOptions, serve } from "kserve-transformer/server";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import type { TransformerSource } from "../../src/transformer/model.ts";

/** A Chromium of the machine: CHROMIUM names one, else those of Debian and of Chrome's own packages. */
const executablePath = [
  process.env["CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
]
  .filter((path) => path !== undefined)
  .find((path) => existsSync(path));

/** Visibly skipped where there is none. */
export const describeInBrowser = executablePath === undefined ? describe.skip : describe;
if (executablePath === undefined) console.warn("no Chromium here (CHROMIUM names one): the page is not tested");

let browser: Promise<Browser> | undefined;
const closers: (() => Promise<unknown>)[] = [];

afterAll(async () => {
  for (const close of closers.reverse()) await close();
  await (await browser)?.close();
});

/** A tab whose errors fail the test: whatever the page's policy refuses is an error there. */
export async function openPage(url: string, options: BrowserContextOptions = {}): Promise<Page> {
  browser ??= chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
  const context = await (await browser).newContext({ viewport: { width: 1400, height: 1000 }, ...options });
  closers.push(() => context.close());
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes("Failed to load resource"))
      problems.push(message.text());
  });
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(new URL(url).origin))
      problems.push(request.url());
  });
  await page.goto(`${url}/playground/`);
  return page;
}

/** What the pages complained of, and what they asked of other servers. */
export const problems: string[] = [];

export async function startServer(
  transformer: TransformerSource,
  { playground, ...options }: Omit<ServeOptions, "playground"> & { readonly playground?: PlaygroundOptions },
): Promise<string> {
  const server = await serve(transformer, {
    host: "127.0.0.1",
    port: 0,
    log: createLogger({ level: "silent" }),
    playground: createPlayground(playground),
    ...options,
  });
  closers.push(() => server.close());
  await server.ready();
  return server.url;
}

/** Puts files on an element as a drop from the desktop does. */
export async function drop(page: Page, selector: string, name: string, type: string, bytes: Uint8Array): Promise<void> {
  const base64 = Buffer.from(bytes).toString("base64");
  const transfer = await page.evaluateHandle(
    ([text = "", file = "", kind = ""]) => {
      const data = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      const made = new DataTransfer();
      made.items.add(new File([data], file, { type: kind }));
      return made;
    },
    [base64, name, type],
  );
  await page.dispatchEvent(selector, "drop", { dataTransfer: transfer });
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Every violation of axe's rules (WCAG 2 A and AA, best practices), with the elements that it names. */
export async function violations(page: Page): Promise<string[]> {
  // Injected by the debugger's protocol, which the page's policy does not bind.
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe: runner } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
    interface Violation {
      readonly id: string;
      readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
    }
    const found = await runner.run();
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
    );
  });
}
