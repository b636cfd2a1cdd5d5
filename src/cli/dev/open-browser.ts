import { spawn } from "node:child_process";
import { once } from "node:events";

const OPENERS: Readonly<Record<string, readonly string[]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/** Opens an address with the desktop's own command; false where there is none. */
export async function openBrowser(url: string): Promise<boolean> {
  const [program = "xdg-open", ...argv] = OPENERS[process.platform] ?? ["xdg-open"];
  const child = spawn(program, [...argv, url], { stdio: "ignore", detached: true });
  child.unref();
  return Promise.race([once(child, "spawn").then(() => true), once(child, "error").then(() => false)]);
}
