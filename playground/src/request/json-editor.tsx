import { json, jsonParseLinter } from "@codemirror/lang-json";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { linter } from "@codemirror/lint";
import { tags } from "@lezer/highlight";
import { EditorView, minimalSetup } from "codemirror";
import { useEffect, useRef } from "preact/hooks";

/** The page's own colours, which follow light and dark. */
const highlight = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--accent)" },
  { tag: tags.string, color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null], color: "light-dark(#9a4a00, #f2b377)" },
]);
const theme = EditorView.theme({
  "&": {
    background: "var(--sunken)",
    border: "1px solid var(--line)",
    borderRadius: "8px",
    fontSize: "0.82rem",
    minHeight: "11rem",
    maxHeight: "26rem",
  },
  "&.cm-focused": { outline: "2px solid var(--accent)" },
  ".cm-scroller": { fontFamily: "var(--mono)", overflow: "auto" },
  ".cm-content": { caretColor: "var(--text)" },
  "&.cm-focused .cm-cursor": { borderLeftColor: "var(--text)" },
});

/** The body as text. Tab leaves the editor, so that it is no trap for the keyboard. */
export function JsonEditor({
  value,
  onChange,
  label,
}: {
  value: string;
  onChange: (value: string) => void;
  label: string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(undefined);
  const change = useRef(onChange);
  change.current = onChange;
  useEffect(() => {
    if (place.current === null) return;
    // In a shadow root CodeMirror adopts its styles; outside of one it writes a style element, which the page's policy refuses.
    const root = place.current.shadowRoot ?? place.current.attachShadow({ mode: "open" });
    const view = new EditorView({
      doc: value,
      parent: root,
      root,
      extensions: [
        minimalSetup,
        json(),
        linter(jsonParseLinter()),
        syntaxHighlighting(highlight),
        theme,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) change.current(update.state.doc.toString());
        }),
      ],
    });
    editor.current = view;
    return () => view.destroy();
  }, []);
  useEffect(() => {
    const view = editor.current;
    if (view === undefined || view.state.doc.toString() === value) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
  }, [value]);
  return <div ref={place} />;
}
