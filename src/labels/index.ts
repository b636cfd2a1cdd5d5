export { type LabelScore, type LabelScoresOptions, labelScores, topLabels } from "./label-scores.ts";
export { softmax } from "./softmax.ts";
