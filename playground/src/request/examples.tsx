import { useEffect, useState } from "preact/hooks";
import { getExample, type ModelDeclaration } from "../api.ts";

type Example = ModelDeclaration["examples"][number];

/** One click fills the form and sends it. */
export function Examples({
  examples,
  onChoose,
}: {
  examples: readonly Example[];
  onChoose: (example: Example, blob: Blob) => void;
}) {
  if (examples.length === 0) return null;
  return (
    <fieldset class="examples" aria-label="Examples">
      {examples.map((example) => (
        <ExampleButton key={example.href} example={example} onChoose={onChoose} />
      ))}
    </fieldset>
  );
}

function ExampleButton({ example, onChoose }: { example: Example; onChoose: (example: Example, blob: Blob) => void }) {
  const [thumbnail, setThumbnail] = useState<string>();
  const { href, kind, name } = example;
  useEffect(() => {
    if (kind !== "picture") return;
    let url: string | undefined;
    // Fetched and not linked, since an img element cannot send a key.
    getExample(href).then(
      (blob) => {
        url = URL.createObjectURL(blob);
        setThumbnail(url);
      },
      () => undefined,
    );
    return () => (url === undefined ? undefined : URL.revokeObjectURL(url));
  }, [href]);
  return (
    <button
      type="button"
      class={kind === "picture" ? "example picture" : "example"}
      onClick={() => void getExample(href).then((blob) => onChoose(example, blob))}
    >
      {thumbnail !== undefined && <img src={thumbnail} alt="" width={56} height={56} />}
      <span>{name}</span>
    </button>
  );
}
