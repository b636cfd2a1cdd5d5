import type { ScalingPreset } from "kserve-transformer/image";

/** `preprocess_input` of each model in keras.applications; the last ones rescale inside the model. */
const FAMILIES: readonly (readonly [RegExp, ScalingPreset])[] = [
  [/^(xception|inceptionv3|inceptionresnetv2|mobilenet(v2)?|nasnet(mobile|large)?|resnet(50|101|152)v2)$/, "tf"],
  [/^(vgg(16|19)|resnet(50|101|152)?)$/, "caffe"],
  [/^densenet(121|169|201)?$/, "torch"],
  [/^(mobilenetv3(small|large)?|efficientnet(b[0-7])?)$/, "plain"],
  [/^(efficientnetv2(b[0-3]|[sml])?|convnext(tiny|small|base|large|xlarge)?)$/, "plain"],
];

/** How the images of a Keras application are scaled; case, `_` and `-` in its name do not matter. */
export function kerasScaling(model: string): ScalingPreset | undefined {
  const name = model.toLowerCase().replace(/[^a-z0-9]/g, "");
  return FAMILIES.find(([names]) => names.test(name))?.[1];
}
