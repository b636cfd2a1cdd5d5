import type { Field } from "./fields.ts";

interface Props {
  readonly fields: readonly Field[];
  readonly record: Readonly<Record<string, unknown>>;
  readonly onChange: (record: Readonly<Record<string, unknown>>) => void;
  /** Name and message of the field that the last response complained of. */
  readonly fault: { readonly field: string; readonly message: string } | undefined;
}

/** One input a field of the row schema. An optional field that is left empty is not sent. */
export function RecordForm({ fields, record, onChange, fault }: Props) {
  const set = (name: string, value: unknown) => {
    const { [name]: _, ...others } = record;
    onChange(value === undefined ? others : { ...others, [name]: value });
  };
  const known = new Set(fields.map(({ name }) => name));
  const unknown = Object.keys(record).filter((name) => !known.has(name));
  return (
    <div class="record">
      {fields.map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          value={record[field.name]}
          set={(value) => set(field.name, value)}
          message={fault?.field === field.name ? fault.message : undefined}
        />
      ))}
      {unknown.length > 0 && <p class="quiet">Also sent, beyond the schema: {unknown.join(", ")}</p>}
    </div>
  );
}

interface FieldProps {
  readonly field: Field;
  readonly value: unknown;
  readonly set: (value: unknown) => void;
  readonly message: string | undefined;
}

function FieldInput({ field, value, set, message }: FieldProps) {
  const { name, isRequired, description } = field;
  const id = `field-${name}`;
  const described = message === undefined ? undefined : `${id}-message`;
  const common = { id, "aria-invalid": message !== undefined, "aria-describedby": described };
  return (
    <div class={message === undefined ? "field" : "field faulty"}>
      <label for={id}>
        {name}
        {isRequired && <span class="required"> required</span>}
      </label>
      <FieldControl field={field} value={value} set={set} common={common} />
      {description !== undefined && <small>{description}</small>}
      {message !== undefined && (
        <small class="alarming" id={described}>
          {message}
        </small>
      )}
    </div>
  );
}

type Common = {
  readonly id: string;
  readonly "aria-invalid": boolean;
  readonly "aria-describedby": string | undefined;
};

function FieldControl({ field, value, set, common }: Omit<FieldProps, "message"> & { readonly common: Common }) {
  const { kind, choices = [], minimum, maximum } = field;
  if (kind === "choice" || kind === "boolean") {
    const options = kind === "boolean" ? [true, false] : choices;
    return (
      <select
        {...common}
        value={value === undefined ? "" : String(value)}
        onChange={(event) => set(options.find((option) => String(option) === event.currentTarget.value))}
      >
        <option value="">—</option>
        {options.map((option) => (
          <option key={String(option)} value={String(option)}>
            {String(option)}
          </option>
        ))}
      </select>
    );
  }
  if (kind === "number" || kind === "integer") {
    return (
      <input
        {...common}
        type="number"
        step={kind === "integer" ? 1 : "any"}
        min={minimum}
        max={maximum}
        value={typeof value === "number" ? value : ""}
        onInput={({ currentTarget }) => set(currentTarget.value === "" ? undefined : currentTarget.valueAsNumber)}
      />
    );
  }
  const text = typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);
  return (
    <input
      {...common}
      type="text"
      value={text}
      onInput={({ currentTarget }) => set(kind === "text" ? currentTarget.value : looseValue(currentTarget.value))}
    />
  );
}

/** A field of any kind: JSON where it is some, else text. */
function looseValue(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
