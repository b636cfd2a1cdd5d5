const { imul } = Math;

/** Runs in a thread: a slow fingerprint of each row, by as many rounds as the row asks for. */
export default function fingerprint(rows: readonly { readonly text: string; readonly rounds: number }[]): Int32Array {
  return Int32Array.from(rows, ({ text, rounds }) => {
    let hash = 0x811c9dc5;
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < text.length; i++) hash = imul(hash ^ text.charCodeAt(i), 0x01000193);
    }
    return hash;
  });
}
