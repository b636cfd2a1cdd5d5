import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addPeerFolder, importPeer, peerFolders } from "../src/import-peer.ts";

const project = mkdtempSync(join(tmpdir(), "peers-"));
afterAll(() => rmSync(project, { recursive: true }));

/** A package of ES modules alone, as most are that this one may use. */
function write(name: string, text: string): void {
  const folder = join(project, "node_modules", name);
  mkdirSync(folder, { recursive: true });
  const exports = { ".": { import: "./main.js" } };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, type: "module", exports }));
  writeFileSync(join(folder, "main.js"), text);
}

write("peer-of-the-project", "export const value = 41 + 1;");
write("peer-that-breaks", "throw new Error('no such processor');");

test("a package of the user's project is found from the folder of the module, once it was added", async () => {
  const load = () => importPeer<{ value: number }>("peer-of-the-project", "npm install peer-of-the-project");
  await expect(load()).rejects.toMatchObject({ code: "unimplemented", message: "npm install peer-of-the-project" });
  const folder = join(project, "src/models");
  addPeerFolder(folder);
  expect(peerFolders()).toContain(folder);
  expect((await load()).value).toBe(42);
});

test("a package that is nowhere has the code that was asked for, one that breaks says why", async () => {
  await expect(importPeer("peer-of-nobody", "install it", "internal")).rejects.toMatchObject({
    code: "internal",
    message: "install it",
  });
  await expect(importPeer("peer-that-breaks", "install it")).rejects.toMatchObject({
    code: "internal",
    message: "peer-that-breaks cannot be loaded: no such processor",
  });
});
