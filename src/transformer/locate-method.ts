import { readFileSync } from "node:fs";
import type { Session } from "node:inspector";
import { fileURLToPath } from "node:url";

/** Where an author wrote a method: the file on disk, the line and the column, both from 1. */
export interface MethodPlace {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Where a method stands in its author's file, for messages; undefined where that cannot be told. V8 knows the file through
 * node's inspector, which works without an open port; the line is looked up by name in the file, since what V8 runs may be
 * compiled code (jiti, swc, vite).
 */
export function locateMethod(method: object, name: string): MethodPlace | undefined {
  const script = findScript(method);
  if (script === undefined) return undefined;
  try {
    return findDeclaration(script, name);
  } catch {
    // A module that is not on disk.
    return undefined;
  }
}

interface ScriptPlace {
  readonly path: string;
  /** The line in what V8 runs, from 0. */
  readonly line: number;
}

/** Where the inspector finds the method: `node:inspector` is the one object that contexts of `node:vm` (jest) share. */
const HANDOVER: unique symbol = Symbol.for("kserve-transformer.located");
const EXPRESSION = `process.getBuiltinModule("node:inspector").Session[Symbol.for("kserve-transformer.located")]`;

function findScript(method: object): ScriptPlace | undefined {
  const inspector = process.getBuiltinModule?.("node:inspector");
  if (inspector === undefined) return undefined;
  const handover = inspector.Session as { [HANDOVER]?: object };
  const session = new inspector.Session();
  handover[HANDOVER] = method;
  try {
    session.connect();
    const urls = new Map<string, string>();
    session.on("Debugger.scriptParsed", ({ params: { scriptId, url } }) => void urls.set(scriptId, url));
    post(session, "Debugger.enable");
    const { result } = post(session, "Runtime.evaluate", { expression: EXPRESSION }) as {
      result: { objectId: string };
    };
    const { internalProperties } = post(session, "Runtime.getProperties", { objectId: result.objectId }) as Properties;
    const place = internalProperties?.find((property) => property.name === "[[FunctionLocation]]")?.value?.value;
    const url = place === undefined ? "" : (urls.get(place.scriptId) ?? "");
    if (place === undefined || !/^(file:|\/|[A-Za-z]:[\\/])/.test(url)) return undefined;
    return { path: url.startsWith("file:") ? fileURLToPath(url) : url, line: place.lineNumber };
  } catch {
    // Node was built without an inspector, or is not allowed to use it.
    return undefined;
  } finally {
    delete handover[HANDOVER];
    session.disconnect();
  }
}

interface Properties {
  readonly internalProperties?: readonly {
    readonly name: string;
    readonly value?: { readonly value?: { readonly scriptId: string; readonly lineNumber: number } };
  }[];
}

/** Sessions with the own thread reply before `post` returns. */
function post(session: Session, method: string, params: object = {}): unknown {
  let reply: unknown;
  session.post(method, params, (error, result) => {
    if (error === null) reply = result;
  });
  return reply ?? {};
}

function findDeclaration({ path, line }: ScriptPlace, name: string): MethodPlace | undefined {
  const declaration = new RegExp(
    `^(\\s*(?:(?:public|protected|override|static|readonly|async)\\s+)*\\*?\\s*)${name}\\s*[(<=:?]`,
  );
  const found = readFileSync(path, "utf8")
    .split("\n")
    .flatMap((text, index) => {
      const [, before] = declaration.exec(text) ?? [];
      return before === undefined ? [] : [{ path, line: index + 1, column: before.length + 1 }];
    });
  const distance = (place: MethodPlace): number => Math.abs(place.line - 1 - line);
  return found.sort((a, b) => distance(a) - distance(b))[0];
}
