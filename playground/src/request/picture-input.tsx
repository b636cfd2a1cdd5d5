import { useEffect, useRef, useState } from "preact/hooks";
import { type Picture, pictureOf } from "./draft.ts";

interface Props {
  readonly pictures: readonly Picture[];
  readonly onChange: (pictures: readonly Picture[]) => void;
}

/** Pictures by drop, paste, file or URL. */
export function PictureInput({ pictures, onChange }: Props) {
  const [isOver, setOver] = useState(false);
  const [url, setUrl] = useState("");
  const file = useRef<HTMLInputElement>(null);
  const take = async (files: Iterable<File>) => {
    const chosen = [...files].filter(({ type }) => type.startsWith("image/"));
    if (chosen.length > 0)
      onChange(await Promise.all(chosen.map((each) => pictureOf(each, each.name || "pasted.png"))));
  };
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const files = event.clipboardData?.files;
      if (files !== undefined && files.length > 0) void take(files);
    };
    document.addEventListener("paste", onPaste);
    return () => document.removeEventListener("paste", onPaste);
  }, [onChange]);
  return (
    <div class="picture-input">
      <button
        type="button"
        class={isOver ? "drop over" : "drop"}
        onClick={() => file.current?.click()}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void take(event.dataTransfer?.files ?? []);
        }}
      >
        {pictures.length === 0 ? (
          <span>
            <b>Drop a picture here</b>
            <br />
            or paste one, or choose a file
          </span>
        ) : (
          pictures.map(({ name, preview, url: from }) =>
            preview === undefined ? (
              <span key={name} class="from-url">
                {from}
              </span>
            ) : (
              <img key={name} src={preview} alt={name} />
            ),
          )
        )}
      </button>
      <input
        ref={file}
        class="hidden"
        type="file"
        accept="image/*"
        multiple
        tabIndex={-1}
        aria-label="Choose pictures"
        onChange={(event) => void take(event.currentTarget.files ?? [])}
      />
      <form
        class="url"
        onSubmit={(event) => {
          event.preventDefault();
          if (url !== "") onChange([{ name: url.split("/").at(-1) || "picture", url }]);
        }}
      >
        <input
          type="url"
          aria-label="URL of a picture"
          placeholder="https://example.com/picture.jpg"
          value={url}
          onInput={(event) => setUrl(event.currentTarget.value)}
        />
        <button type="submit">Use URL</button>
      </form>
    </div>
  );
}
