export { type LabelScore, type LabelScoresOptions, labelScores, topLabels } from "./label-scores.ts";
export { sigmoid, softmax } from "./softmax.ts";
