import { useMemo, useState } from "preact/hooks";
import { commandSnippet } from "./snippets/command.ts";
import { curlSnippet } from "./snippets/curl.ts";
import { requestsSnippet, tritonSnippet } from "./snippets/python.ts";
import { jestSnippet, nodeTestSnippet } from "./snippets/recorded-test.ts";
import { type Snippet, scopeOf } from "./snippets/snippet.ts";
import { typescriptSnippet } from "./snippets/typescript.ts";
import type { ToolProps } from "./tool-panel.tsx";

/** The request as a command, as a program, and as a test. */
export function TakeAway({ latest, model, verb, module }: ToolProps) {
  const snippets = useMemo(() => {
    const scope = scopeOf(latest, model, verb, module);
    const programs = [curlSnippet, requestsSnippet, tritonSnippet, typescriptSnippet, commandSnippet];
    return [...programs, jestSnippet, nodeTestSnippet]
      .map((make) => make(scope))
      .filter((snippet) => snippet !== undefined);
  }, [latest.run.id]);
  const [title, setTitle] = useState("curl");
  const snippet = snippets.find((each) => each.title === title) ?? snippets[0];
  if (snippet === undefined) return null;
  return (
    <div class="snippet">
      <div class="actions">
        <fieldset class="switch" aria-label="Language">
          {snippets.map((each) => (
            <button key={each.title} type="button" aria-pressed={each === snippet} onClick={() => setTitle(each.title)}>
              {each.title}
            </button>
          ))}
        </fieldset>
      </div>
      <div class="actions">
        <CopyButton key={snippet.title} text={snippet.text} />
        <button type="button" onClick={() => save(snippet.file, snippet.text)}>
          Save {snippet.file}
        </button>
        {snippet.files.map(({ name, bytes }) => (
          <button key={name} type="button" onClick={() => save(name, bytes)}>
            Save {name}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region is reached by keyboard */}
      <pre tabIndex={0}>
        <code>{snippet.text}</code>
      </pre>
      <Note snippet={snippet} />
    </div>
  );
}

function Note({ snippet: { files, title } }: { snippet: Snippet }) {
  if (files.length === 0) return null;
  const names = files.map(({ name }) => name).join(", ");
  const isTest = title.startsWith("Save as a test");
  return (
    <p class="quiet">
      {isTest ? "The test reads" : "Run it where"} {names}{" "}
      {isTest ? "from its own folder." : files.length === 1 ? "is." : "are."}
    </p>
  );
}

function CopyButton({ text }: { text: string }) {
  const [state, setState] = useState("Copy");
  return (
    <button
      type="button"
      class="primary"
      onClick={() => {
        navigator.clipboard.writeText(text).then(
          () => setState("Copied"),
          () => setState("Select the text to copy it"),
        );
      }}
    >
      {state}
    </button>
  );
}

function save(name: string, content: string | Uint8Array<ArrayBuffer>): void {
  const url = URL.createObjectURL(new Blob([content]));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
