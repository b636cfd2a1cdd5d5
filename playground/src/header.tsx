import { useState } from "preact/hooks";
import { apiKey, type ModelDeclaration, setApiKey } from "./api.ts";

type Theme = "auto" | "light" | "dark";
const THEMES: readonly Theme[] = ["auto", "light", "dark"];

interface Props {
  readonly models: readonly ModelDeclaration[];
  readonly model: ModelDeclaration | undefined;
  readonly onModel: (name: string) => void;
  readonly needsKey: boolean;
  readonly onKey: () => void;
}

export function Header({ models, model, onModel, needsKey, onKey }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [key, setKey] = useState(apiKey());
  return (
    <header>
      <h1>
        <img src="./icon.svg" alt="" width={24} height={24} /> Playground
      </h1>
      {models.length > 1 ? (
        <label class="model">
          model{" "}
          <select value={model?.name} onChange={(event) => onModel(event.currentTarget.value)}>
            {models.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      ) : (
        <span class="model">{model?.name}</span>
      )}
      {model?.predictor !== undefined && <span class="predictor quiet">{model.predictor}</span>}
      <span class="spring" />
      {isOpen || needsKey ? (
        <form
          class="key"
          onSubmit={(event) => {
            event.preventDefault();
            setApiKey(key);
            setOpen(false);
            onKey();
          }}
        >
          <input
            type="password"
            aria-label="API key or token"
            placeholder="API key or token"
            value={key}
            autocomplete="off"
            onInput={(event) => setKey(event.currentTarget.value)}
          />
          <button type="submit">Use key</button>
        </form>
      ) : (
        <button type="button" class="plain" onClick={() => setOpen(true)}>
          {apiKey() === "" ? "Key" : "Key set"}
        </button>
      )}
      <ThemeButton />
    </header>
  );
}

function ThemeButton() {
  const [theme, setTheme] = useState<Theme>(() => (localStorage.getItem("theme") as Theme | null) ?? "auto");
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
  return (
    <button
      type="button"
      class="plain"
      title={`Switch to ${next}`}
      onClick={() => {
        localStorage.setItem("theme", next);
        setTheme(next);
      }}
    >
      Theme: {theme}
    </button>
  );
}
