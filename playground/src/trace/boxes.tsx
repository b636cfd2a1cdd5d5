/** One found thing: corners in pixels, or in shares of the picture where all are between 0 and 1. */
export interface Box {
  readonly corners: readonly [left: number, top: number, right: number, bottom: number];
  readonly label: string;
}

/** `{boxes, scores?, labels?}`, or rows of `{box, score?, label?}`; undefined for anything else. */
export function boxesOf(row: unknown): readonly Box[] | undefined {
  if (Array.isArray(row)) {
    const boxes = row.map((each) => boxOf(each));
    return boxes.length > 0 && boxes.every((box) => box !== undefined) ? boxes : undefined;
  }
  if (typeof row !== "object" || row === null) return undefined;
  const { boxes, scores, labels } = row as { boxes?: unknown; scores?: unknown; labels?: unknown };
  if (!Array.isArray(boxes)) return undefined;
  const found = boxes.map((box, index) =>
    boxOf({ box, score: memberOf(scores, index), label: memberOf(labels, index) }),
  );
  return found.every((box) => box !== undefined) ? found : undefined;
}

function memberOf(list: unknown, index: number): unknown {
  return Array.isArray(list) ? list[index] : undefined;
}

function boxOf(value: unknown): Box | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { box, bbox, score, label } = value as { box?: unknown; bbox?: unknown; score?: unknown; label?: unknown };
  const corners = box ?? bbox;
  if (!Array.isArray(corners) || corners.length !== 4 || !corners.every((each) => typeof each === "number"))
    return undefined;
  const share = typeof score === "number" ? ` ${(score * 100).toFixed(0)} %` : "";
  return { corners: corners as unknown as Box["corners"], label: `${label ?? ""}${share}`.trim() };
}

export function PictureWithBoxes({ picture, boxes }: { picture: string; boxes: readonly Box[] }) {
  const place = (element: HTMLElement | null, { corners }: Box) => {
    const image = element?.parentElement?.querySelector("img");
    if (element == null || image == null) return;
    const isShare = corners.every((corner) => corner >= 0 && corner <= 1);
    const draw = () => {
      const [width, height] = isShare ? [1, 1] : [image.naturalWidth, image.naturalHeight];
      const [left, top, right, bottom] = corners;
      element.style.setProperty("left", `${(left / width) * 100}%`);
      element.style.setProperty("top", `${(top / height) * 100}%`);
      element.style.setProperty("width", `${((right - left) / width) * 100}%`);
      element.style.setProperty("height", `${((bottom - top) / height) * 100}%`);
    };
    if (image.complete) draw();
    else image.addEventListener("load", draw, { once: true });
  };
  return (
    <div class="boxed">
      <img src={picture} alt="As it was sent" />
      {boxes.map((box) => (
        <span key={box.corners.join()} class="box" ref={(element) => place(element, box)}>
          <b>{box.label}</b>
        </span>
      ))}
    </div>
  );
}
