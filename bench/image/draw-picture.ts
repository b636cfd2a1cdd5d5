import sharp from "sharp";

/** A picture with edges, gradients and noise, so that it decodes like a photo. */
export async function drawPicture(width: number, height: number): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 3);
  let seed = 1;
  for (let i = 0; i < data.length; i++) {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    data[i] = ((x >> 5) % 3) * 40 + ((y * 100) / height) * (1 + (i % 3) / 4) + (seed >> 27);
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 88 })
    .toBuffer();
}
