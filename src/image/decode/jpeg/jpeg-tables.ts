import { brokenData } from "../refusal.ts";
import { createHuffmanTable, type HuffmanTable } from "./huffman-table.ts";
import { word } from "./jpeg-frame.ts";
import { NATURAL_ORDER } from "./natural-order.ts";

/** The tables that stand at some place of a file: what comes later replaces them. */
export class JpegTables {
  readonly quantization: (Uint16Array | undefined)[] = [];
  /** Of first coefficients. */
  readonly dc: (HuffmanTable | undefined)[] = [];
  readonly ac: (HuffmanTable | undefined)[] = [];
  /** Units between two restarts; 0 for none. */
  restartInterval = 0;

  /** DQT (T.81, B.2.4.1): steps in natural order. */
  readQuantization(content: Uint8Array): void {
    for (let at = 0; at < content.length; ) {
      const [precision, index] = [(content[at] as number) >> 4, (content[at] as number) & 15];
      const size = precision === 0 ? 1 : 2;
      at += 1;
      if (index > 3 || precision > 1 || at + 64 * size > content.length) throw brokenData("jpeg");
      const steps = new Uint16Array(64);
      for (let k = 0; k < 64; k++, at += size) {
        steps[NATURAL_ORDER[k] as number] = size === 1 ? (content[at] as number) : word(content, at);
      }
      this.quantization[index] = steps;
    }
  }

  /** DHT (T.81, B.2.4.2). */
  readHuffman(content: Uint8Array): void {
    for (let at = 0; at < content.length; ) {
      const [kind, index] = [(content[at] as number) >> 4, (content[at] as number) & 15];
      const counts = content.slice(at + 1, at + 17);
      const total = counts.reduce((sum, count) => sum + count, 0);
      at += 17;
      if (index > 3 || kind > 1 || total > 256 || at + total > content.length) throw brokenData("jpeg");
      const symbols = content.slice(at, at + total);
      // A first coefficient has at most 15 bits.
      if (kind === 0 && symbols.some((symbol) => symbol > 15)) throw brokenData("jpeg");
      (kind === 0 ? this.dc : this.ac)[index] = createHuffmanTable(counts, symbols);
      at += total;
    }
  }

  /** DRI (T.81, B.2.4.4). */
  readRestartInterval(content: Uint8Array): void {
    if (content.length !== 2) throw brokenData("jpeg");
    this.restartInterval = word(content, 0);
  }
}
