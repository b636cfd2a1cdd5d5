/** The simple commands of a shell script, as words: pipes, lists and continued lines are taken apart, variables left as they are. */
export function shellCommands(script: string): string[][] {
  const commands: string[][] = [];
  let words: string[] = [];
  const endCommand = () => {
    if (words.length > 0) commands.push(words);
    words = [];
  };
  const tokens = script
    .replaceAll("\\\n", " ")
    .matchAll(
      /(#[^\n]*)|(\|\||&&|[|;&\n]|[0-9]?>>?&?|<)|((?:'[^']*'|"(?:\\.|[^"\\])*"|\$\([^)]*\)|\\.|[^\s|;&<>'"\\])+)/g,
    );
  for (const [, comment, operator, word] of tokens) {
    if (comment !== undefined) continue;
    if (operator !== undefined) endCommand();
    else if (word !== undefined) words.push(unquote(word));
  }
  endCommand();
  return commands;
}

function unquote(word: string): string {
  return word.replaceAll(/'([^']*)'|"((?:\\.|[^"\\])*)"/g, (_, single, double) => single ?? double ?? "");
}

/** The arguments of every `kserve-transformer` in a script, with `npx` and variables in front left out. */
export function transformerCommands(script: string): string[][] {
  return shellCommands(script).flatMap((words) => {
    const rest = words.slice(words.findIndex((word) => !/^[A-Z_][A-Z0-9_]*=/.test(word)));
    const [program, ...argv] = rest[0] === "npx" ? rest.slice(1) : rest;
    return program === "kserve-transformer" ? [argv] : [];
  });
}
