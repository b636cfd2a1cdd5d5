import type { TensorDraft } from "./draft.ts";

const DATATYPES = [
  "FP32",
  "FP64",
  "INT64",
  "INT32",
  "INT16",
  "INT8",
  "UINT64",
  "UINT32",
  "UINT16",
  "UINT8",
  "BOOL",
  "BYTES",
];
const EMPTY: TensorDraft = { name: "input-0", datatype: "FP32", shape: "[1, 1]", data: "[0]" };

interface Props {
  readonly tensors: readonly TensorDraft[];
  readonly onChange: (tensors: readonly TensorDraft[]) => void;
}

/** Tensors by hand: name, datatype, shape, and the elements as JSON. */
export function TensorEditor({ tensors, onChange }: Props) {
  const change = (index: number, changes: Partial<TensorDraft>) =>
    onChange(tensors.map((tensor, at) => (at === index ? { ...tensor, ...changes } : tensor)));
  return (
    <div class="tensor-editor">
      {tensors.map((tensor, index) => (
        <fieldset key={index}>
          <legend>Tensor {index + 1}</legend>
          <label>
            name
            <input value={tensor.name} onInput={(event) => change(index, { name: event.currentTarget.value })} />
          </label>
          <label>
            datatype
            <select
              value={tensor.datatype}
              onChange={(event) => change(index, { datatype: event.currentTarget.value })}
            >
              {DATATYPES.map((datatype) => (
                <option key={datatype}>{datatype}</option>
              ))}
            </select>
          </label>
          <label>
            shape
            <input value={tensor.shape} onInput={(event) => change(index, { shape: event.currentTarget.value })} />
          </label>
          <label class="wide">
            data
            <textarea
              rows={3}
              value={tensor.data}
              onInput={(event) => change(index, { data: event.currentTarget.value })}
            />
          </label>
          <button type="button" class="plain" onClick={() => onChange(tensors.filter((_, at) => at !== index))}>
            Remove
          </button>
        </fieldset>
      ))}
      <button
        type="button"
        class="plain"
        onClick={() => onChange([...tensors, { ...EMPTY, name: `input-${tensors.length}` }])}
      >
        Add a tensor
      </button>
    </div>
  );
}
