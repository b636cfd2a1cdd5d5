import type { StepInput } from "../pipeline/specification.ts";

/** The three modes of Keras' `preprocess_input`, and models that rescale inside. */
export type KerasMode = "tf" | "caffe" | "torch" | "plain";

const FAMILIES: readonly (readonly [RegExp, KerasMode])[] = [
  [/^(xception|inceptionv3|inceptionresnetv2|mobilenet(v2)?|nasnet(mobile|large)?|resnet(50|101|152)?v2)$/, "tf"],
  [/^(vgg(16|19)|resnet(50|101|152)?)$/, "caffe"],
  [/^densenet(121|169|201)?$/, "torch"],
  [/^(mobilenetv3(small|large)?|efficientnet(b[0-7])?)$/, "plain"],
  [/^(efficientnetv2(b[0-3]|[sml])?|convnext(tiny|small|base|large|xlarge)?)$/, "plain"],
];

const STEPS: Readonly<Record<KerasMode, readonly StepInput[]>> = {
  tf: [{ step: "rescale", divisor: 127.5, offset: -1 }],
  caffe: [{ step: "flip_channels" }, { step: "normalize", mean: [103.939, 116.779, 123.68], std: [1] }],
  torch: [
    { step: "rescale", divisor: 255 },
    { step: "normalize", mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  ],
  plain: [],
};

/** How the images of a Keras application are scaled; case, `_` and `-` in its name do not matter. */
export function kerasMode(model: string): KerasMode | undefined {
  const name = model.toLowerCase().replace(/[^a-z0-9]/g, "");
  return FAMILIES.find(([names]) => names.test(name))?.[1];
}

/** `preprocess_input` of an application or of a mode as steps. */
export function kerasPreprocessing(name: string): readonly StepInput[] | undefined {
  const mode = Object.hasOwn(STEPS, name) ? (name as KerasMode) : kerasMode(name);
  return mode && STEPS[mode];
}
