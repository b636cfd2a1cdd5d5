/** What a reader of a page does, in the page's order. */
export type Step =
  | {
      readonly kind: "run";
      readonly commands: readonly string[];
      /** The reader goes on in another terminal. */
      readonly stays: boolean;
      /** What the page shows of the output: JSON that is equal to it, or lines that are in it. */
      readonly shown: readonly { readonly language: "json" | "text"; readonly text: string }[];
    }
  | { readonly kind: "write"; readonly file: string; readonly text: string };

const BLOCK = /^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm;
/** "Write this into `transformer.ts`:" and the like, at the end of what stands before a block. */
const INTO_FILE = /into\s+`([\w./-]+)`:\s*$/;

/**
 * Reads the steps from the code blocks of a page: `bash` is run, a block whose sentence ends in "into `FILE`:" is written, and
 * `json` or `text` below commands is what they print.
 * @throws Error for a block that is none of these, since a reader could not follow it either.
 */
export function parsePage(page: string): readonly Step[] {
  const steps: Step[] = [];
  let end = 0;
  for (const { 0: whole, 1: language = "", 2: text = "", index } of page.matchAll(BLOCK)) {
    const prose = page.slice(end, index);
    end = index + whole.length;
    const file = INTO_FILE.exec(prose)?.[1];
    const last = steps.at(-1);
    if (file !== undefined) steps.push({ kind: "write", file, text });
    else if (language === "bash") {
      const stays = /^\s*In another terminal/m.test(textUntilNextBlock(page, end));
      steps.push({ kind: "run", commands: text.split("\n").filter(Boolean), stays, shown: [] });
    } else if ((language === "json" || language === "text") && last?.kind === "run") {
      steps[steps.length - 1] = { ...last, shown: [...last.shown, { language, text }] };
    } else throw new Error(`nobody can follow this block, which is no command, no file and no output:\n${whole}`);
  }
  return steps;
}

function textUntilNextBlock(page: string, from: number): string {
  const next = page.indexOf("\n```", from + 1);
  return page.slice(from, next < 0 ? undefined : next);
}
