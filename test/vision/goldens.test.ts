import { readDocTable, writeDocTable } from "../servers/parity/write-doc-table.ts";
import { detectorFolders } from "./goldens/folders.ts";
import { formatGoldens, type Golden } from "./goldens/golden.ts";
import { detrHeads, scaledBoxes, yoloHeads } from "./goldens/heads.ts";
import { rcnnInstances, yoloInstances } from "./goldens/instances.ts";
import { semanticMaps } from "./goldens/semantic.ts";
import { opencvNms, torchvisionNms } from "./goldens/suppressed.ts";

type Compare = () => Promise<Golden[]>;

/** How many cases each has, so that none is skipped in silence. */
const COMPARED: readonly (readonly [what: string, compare: Compare, cases: readonly number[]])[] = [
  ["sets of boxes that torchvision suppresses", torchvisionNms, [240, 240]],
  ["sets of boxes that OpenCV suppresses", opencvNms, [240, 240]],
  ["outputs of YOLO heads", yoloHeads, [20, 20, 20]],
  ["boxes put back from letterboxed tensors", scaledBoxes, [23]],
  ["outputs of DETR, RT-DETR and Deformable DETR", detrHeads, [6, 6, 6]],
  ["folders of detectors", detectorFolders, [7]],
  ["classes of every pixel", semanticMaps, [14]],
  ...yoloInstances.map((compare, index) => {
    const pictures = [2, 1, 2, 2, 3, 2, 1, 2][index] as number;
    return [`masks of YOLO, size ${index} of the tensor`, compare, [pictures]] as const;
  }),
  ["masks within boxes", rcnnInstances, [6]],
];

/** Masks of whole photos take their time on a busy machine. */
const TIMEOUT_MS = 240_000;

const made = new Map<Compare, Promise<Golden[]>>();
/** Each is made once. */
function goldensOf(compare: Compare): Promise<Golden[]> {
  const goldens = made.get(compare) ?? compare();
  made.set(compare, goldens);
  return goldens;
}

test.each(COMPARED)(
  "%s are what the Python original gives",
  async (_, compare, cases) => {
    const goldens = await goldensOf(compare);
    expect(goldens.flatMap(({ wrong }) => wrong)).toEqual([]);
    expect(goldens.map((one) => one.cases)).toEqual(cases);
  },
  TIMEOUT_MS,
);

test(
  "docs/parity.md says what was compared",
  async () => {
    const goldens: Golden[] = [];
    for (const [, compare] of COMPARED) goldens.push(...(await goldensOf(compare)));
    const table = formatGoldens(goldens);
    if (process.env["UPDATE_DOCS"]) writeDocTable("goldens", table);
    expect(readDocTable("goldens")).toEqual(table);
  },
  TIMEOUT_MS,
);
