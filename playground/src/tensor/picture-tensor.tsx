import { useEffect, useRef, useState } from "preact/hooks";
import type { TensorTrace } from "../../../src/playground/trace.ts";
import { formatNumber } from "../bytes.ts";
import { useProbe } from "./probe.tsx";
import { elementsOf, type PictureLayout, pictureLayout, pictureRange, pixelIndex } from "./tensor-data.ts";

const CHANNELS = ["red", "green", "blue", "alpha"];

/** A picture as the model gets it: all channels together, and each on its own. */
export function PictureTensor({ tensor }: { tensor: TensorTrace }) {
  const layout = pictureLayout(tensor);
  const [picture, setPicture] = useState(0);
  const [channel, setChannel] = useState<number>();
  const { point, handlers } = useProbe(layout?.width ?? 1, layout?.height ?? 1);
  if (layout === undefined) return null;
  const shown = Math.min(picture, layout.pictures - 1);
  const values = point && valuesAt(tensor, layout, shown, point.x, point.y);
  const [low, high] = pictureRange(tensor);
  const what = channel === undefined ? "all channels" : channelName(channel, layout);
  return (
    <div class="picture-tensor">
      <div class="picture-large">
        <div class="canvas-frame" role="img" aria-label={`Tensor ${tensor.name} as a picture, ${what}`} {...handlers}>
          <Canvas tensor={tensor} layout={layout} picture={shown} channel={channel} />
          {point && <span class="crosshair" ref={(element) => place(element, point, layout)} />}
        </div>
        <output class="probe" aria-live="off">
          {values === undefined || point === undefined
            ? `${formatNumber(low)} is black, ${formatNumber(high)} white · ${layout.layout}`
            : `x ${point.x}, y ${point.y}: ${values.map(formatNumber).join(" · ")}`}
        </output>
      </div>
      <div class="picture-side">
        {layout.channels > 1 && (
          <fieldset class="channels" aria-label="Channels">
            <ChannelButton name="all" isOn={channel === undefined} choose={() => setChannel(undefined)}>
              <Canvas tensor={tensor} layout={layout} picture={shown} channel={undefined} />
            </ChannelButton>
            {Array.from({ length: layout.channels }, (_, index) => (
              <ChannelButton
                key={channelName(index, layout)}
                name={channelName(index, layout)}
                isOn={channel === index}
                choose={() => setChannel(index)}
              >
                <Canvas tensor={tensor} layout={layout} picture={shown} channel={index} />
              </ChannelButton>
            ))}
          </fieldset>
        )}
        {layout.pictures > 1 && (
          <label class="stepper">
            Picture {shown + 1} of {layout.pictures}
            <input
              type="range"
              min={0}
              max={layout.pictures - 1}
              value={shown}
              onInput={(event) => setPicture(Number(event.currentTarget.value))}
            />
          </label>
        )}
      </div>
    </div>
  );
}

function ChannelButton(props: { name: string; isOn: boolean; choose: () => void; children: preact.ComponentChildren }) {
  return (
    <button type="button" class="channel" aria-pressed={props.isOn} onClick={props.choose}>
      {props.children}
      <span>{props.name}</span>
    </button>
  );
}

function channelName(channel: number, { channels }: PictureLayout): string {
  return channels === 1 ? "grey" : (CHANNELS[channel] ?? String(channel));
}

function place(
  element: HTMLElement | null,
  { x, y }: { x: number; y: number },
  { width, height }: PictureLayout,
): void {
  if (element === null) return;
  element.style.setProperty("left", `${((x + 0.5) / width) * 100}%`);
  element.style.setProperty("top", `${((y + 0.5) / height) * 100}%`);
}

function valuesAt(tensor: TensorTrace, layout: PictureLayout, picture: number, x: number, y: number): number[] {
  const elements = elementsOf(tensor);
  return Array.from({ length: layout.channels }, (_, channel) =>
    Number(elements[pixelIndex(layout, [picture, y, x, channel])] ?? Number.NaN),
  );
}

interface CanvasProps {
  readonly tensor: TensorTrace;
  readonly layout: PictureLayout;
  readonly picture: number;
  readonly channel: number | undefined;
}

function Canvas({ tensor, layout, picture, channel }: CanvasProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  const { width, height } = layout;
  useEffect(() => {
    const drawing = ref.current?.getContext("2d");
    if (drawing == null) return;
    drawing.putImageData(paint(tensor, layout, picture, channel), 0, 0);
  }, [tensor, picture, channel]);
  return <canvas ref={ref} width={width} height={height} />;
}

function paint(tensor: TensorTrace, layout: PictureLayout, picture: number, channel: number | undefined): ImageData {
  const { width, height, channels } = layout;
  const elements = elementsOf(tensor);
  const image = new ImageData(width, height);
  const [low, high] = pictureRange(tensor);
  const scale = 255 / (high - low || 1);
  // Uint8ClampedArray rounds and clamps; NaN becomes 0, and the pixel is marked below.
  const { data } = image;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      const shade = (which: number) =>
        (Number(elements[pixelIndex(layout, [picture, y, x, which])] ?? Number.NaN) - low) * scale;
      const isGrey = channel !== undefined || channels === 1;
      const grey = isGrey ? shade(channel ?? 0) : 0;
      const [red, green, blue] = isGrey ? [grey, grey, grey] : [shade(0), shade(1), shade(2)];
      const isBroken = Number.isNaN(red) || Number.isNaN(green) || Number.isNaN(blue);
      data[at] = isBroken ? 255 : red;
      data[at + 1] = isBroken ? 0 : green;
      data[at + 2] = isBroken ? 255 : blue;
      data[at + 3] = channels === 4 && channel === undefined ? shade(3) : 255;
    }
  }
  return image;
}
