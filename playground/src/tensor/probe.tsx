import { useState } from "preact/hooks";

export interface Point {
  readonly x: number;
  readonly y: number;
}

const STEPS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** The cell under the pointer, or the one that the arrow keys moved to, of a canvas of so many cells. */
export function useProbe(columns: number, rows: number) {
  const [point, setPoint] = useState<Point>();
  const clamp = (value: number, size: number) => Math.max(0, Math.min(size - 1, Math.floor(value)));
  const onPointerMove = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const x = clamp(((event.clientX - box.left) / box.width) * columns, columns);
    const y = clamp(((event.clientY - box.top) / box.height) * rows, rows);
    setPoint({ x, y });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const stride = event.shiftKey ? 10 : 1;
    const { x, y } = point ?? { x: 0, y: 0 };
    setPoint({ x: clamp(x + step.x * stride, columns), y: clamp(y + step.y * stride, rows) });
  };
  const onPointerLeave = () => setPoint(undefined);
  return { point, handlers: { onPointerMove, onPointerLeave, onKeyDown, onBlur: onPointerLeave, tabIndex: 0 } };
}
