import { useMemo } from "preact/hooks";
import type { ModelDeclaration, PageProtocol } from "../api.ts";
import { faultyField } from "../trace/error-view.tsx";
import { bodyOf, type Draft, draftOfExample, MODES } from "./draft.ts";
import { Examples } from "./examples.tsx";
import { fieldsOf } from "./fields.ts";
import { JsonEditor } from "./json-editor.tsx";
import { PictureInput } from "./picture-input.tsx";
import { RecordForm } from "./record-form.tsx";
import { TensorEditor } from "./tensor-editor.tsx";

export const PROTOCOLS: readonly { readonly protocol: PageProtocol; readonly title: string }[] = [
  { protocol: "v1", title: "V1" },
  { protocol: "v2", title: "V2" },
  { protocol: "v2-binary", title: "V2 binary" },
  { protocol: "grpc", title: "gRPC" },
  { protocol: "openai", title: "OpenAI" },
];

interface Props {
  readonly model: ModelDeclaration;
  readonly draft: Draft;
  readonly protocol: PageProtocol;
  readonly verb: string;
  readonly isRunning: boolean;
  /** What is wrong with the form, or with the last request. */
  readonly complaint: string | undefined;
  readonly onDraft: (draft: Draft) => void;
  readonly onProtocol: (protocol: PageProtocol) => void;
  readonly onVerb: (verb: string) => void;
  /** Sends; with a draft that one, else what the form holds. */
  readonly onSend: (draft?: Draft) => void;
}

/** The form, its examples, and the button that sends it. */
export function RequestPanel(props: Props) {
  const { model, draft, protocol, verb, isRunning, complaint, onDraft, onProtocol, onVerb, onSend } = props;
  const explains = model.hooks.includes("explain") || model.predictor?.startsWith("v1") === true;
  return (
    <section class="panel request" aria-labelledby="request-title">
      <div class="panel-head">
        <h2 id="request-title">Request</h2>
        <fieldset class="switch" aria-label="Input">
          {MODES.map(({ mode, title }) => (
            <button
              key={mode}
              type="button"
              aria-pressed={draft.mode === mode}
              onClick={() => onDraft(mode === "json" ? withJson(draft, model) : { ...draft, mode })}
            >
              {title}
            </button>
          ))}
        </fieldset>
      </div>
      <Examples
        examples={model.examples}
        onChoose={(example, blob) => {
          void draftOfExample(draft, example.kind, example.file, blob).then((made) => {
            onDraft(made);
            onSend(made);
          });
        }}
      />
      <Form {...props} />
      {complaint !== undefined && (
        <p class="complaint" role="status">
          {complaint}
        </p>
      )}
      <div class="send">
        <fieldset class="switch" aria-label="Protocol">
          {PROTOCOLS.filter(({ protocol: each }) => each !== "openai" || model.completes).map((each) => (
            <button
              key={each.protocol}
              type="button"
              aria-pressed={protocol === each.protocol}
              onClick={() => onProtocol(each.protocol)}
            >
              {each.title}
            </button>
          ))}
        </fieldset>
        {explains && (
          <select aria-label="Verb" value={verb} onChange={(event) => onVerb(event.currentTarget.value)}>
            <option>predict</option>
            <option>explain</option>
          </select>
        )}
        <button type="button" class="primary" disabled={isRunning} onClick={() => onSend()} title="Ctrl+Enter">
          {isRunning ? "Running…" : "Send"}
        </button>
      </div>
    </section>
  );
}

/** The editor begins with what the form says. */
function withJson(draft: Draft, model: ModelDeclaration): Draft {
  try {
    return { ...draft, mode: "json", json: bodyOf(draft, model) };
  } catch {
    return { ...draft, mode: "json" };
  }
}

function Form({ model, draft, complaint, onDraft }: Props) {
  const fields = useMemo(() => fieldsOf(model.rowSchema)?.fields ?? [], [model]);
  const fault = complaint === undefined ? undefined : faultyField(complaint);
  switch (draft.mode) {
    case "picture":
      return <PictureInput pictures={draft.pictures} onChange={(pictures) => onDraft({ ...draft, pictures })} />;
    case "text":
      return (
        <textarea
          class="text-input"
          aria-label="Text"
          placeholder="Write or paste a text"
          rows={6}
          value={draft.text}
          onInput={(event) => onDraft({ ...draft, text: event.currentTarget.value })}
        />
      );
    case "record":
      return fields.length === 0 && Object.keys(draft.record).length === 0 ? (
        <p class="quiet">
          This transformer does not declare <code>rowSchema</code>, so its fields are not known. Write the row as JSON.
        </p>
      ) : (
        <RecordForm
          fields={fields}
          record={draft.record}
          onChange={(record) => onDraft({ ...draft, record })}
          fault={fault && complaint !== undefined ? { field: fault.field, message: complaint } : undefined}
        />
      );
    case "tensors":
      return <TensorEditor tensors={draft.tensors} onChange={(tensors) => onDraft({ ...draft, tensors })} />;
    case "json":
      return (
        <JsonEditor value={draft.json} onChange={(json) => onDraft({ ...draft, json })} label="Request body, JSON" />
      );
  }
}
