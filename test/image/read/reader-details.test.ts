import { readHuggingFaceProcessor } from "../../../src/image/read/hugging-face.ts";
import { readKerasPreprocessing } from "../../../src/image/read/keras.ts";
import { readTimmConfig } from "../../../src/image/read/timm.ts";
import { readTorchvisionTransforms } from "../../../src/image/read/torchvision.ts";
import { readUltralyticsMetadata } from "../../../src/image/read/ultralytics.ts";

type Read = (value: unknown) => { readonly steps: readonly object[] };

/** What the libraries' files say in passing, and no whole configuration of theirs tells apart. */
test.each<[string, Read, object, object]>([
  [
    "DETR's size of old has a longest side of 1333",
    readHuggingFaceProcessor,
    { feature_extractor_type: "DetrFeatureExtractor", size: 800 },
    { steps: [{ to: { fit: "edges", shortest: 800, longest: 1333 } }, {}, {}] },
  ],
  [
    "LeViT's side is cut, not rounded",
    readHuggingFaceProcessor,
    { image_processor_type: "LevitImageProcessor", size: { shortest_edge: 32 } },
    { steps: [{ to: { fit: "shorter_side", side: 36 } }, {}, {}, {}] },
  ],
  [
    "…Pil of transformers 5 is the slow processor",
    readHuggingFaceProcessor,
    { image_processor_type: "ViTImageProcessorPil" },
    { steps: [{ with: { backend: "pillow" } }, {}, {}] },
  ],
  [
    "timm: nothing, and empty texts, are the defaults",
    readTimmConfig,
    { crop_pct: 0, crop_mode: "", interpolation: "" },
    { steps: [{ to: { fit: "crop_percentage", share: 0.875 }, with: { resample: "bicubic" } }, {}, {}, {}] },
  ],
  [
    "timm: one number stands for every channel",
    readTimmConfig,
    { mean: [0.5], std: [0.25] },
    { steps: [{}, {}, {}, { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] }] },
  ],
  [
    "timm: the border is the mean, a half rounded to even",
    readTimmConfig,
    { crop_mode: "border", mean: [2.5 / 255, 0.5, 1] },
    { steps: [{}, { value: [2, 128, 255] }, {}, {}] },
  ],
  [
    "torchvision: pictures to be segmented may keep their size",
    readTorchvisionTransforms,
    { transforms: "SemanticSegmentation" },
    { steps: [{ step: "rescale" }, { step: "normalize" }] },
  ],
  [
    "torchvision: a side as a list of one",
    readTorchvisionTransforms,
    { transforms: "ImageClassification", crop_size: [20], resize_size: [30] },
    { steps: [{ to: { side: 30 } }, { size: [20, 20] }, {}, {}] },
  ],
  [
    "Keras: a folder's pictures are 256 × 256",
    readKerasPreprocessing,
    { loader: "image_dataset_from_directory" },
    { steps: [{ to: { fit: "stretch", size: [256, 256] }, with: { resample: "bilinear" } }] },
  ],
  ["Keras: grey pictures", readKerasPreprocessing, { color_mode: "grayscale" }, { decode: { mode: "L" } }],
  [
    "Keras: capitals and dashes in a model's name do not matter",
    readKerasPreprocessing,
    { preprocess_input: "Inception-ResNet_V2" },
    { steps: [{ step: "rescale", divisor: 127.5, offset: -1 }] },
  ],
  [
    "Ultralytics: the stride of a letterbox that is as small as may be",
    readUltralyticsMetadata,
    { task: "detect", imgsz: [640, 640], stride: 64, args: { dynamic: true } },
    { steps: [{ step: "letterbox", fill: false, stride: 64 }, {}] },
  ],
  [
    "Ultralytics: grey pictures in halves, turned by EXIF",
    readUltralyticsMetadata,
    { task: "detect", imgsz: 640, channels: 1, args: { half: true } },
    { decode: { mode: "L", orientation: "exif" }, output: { datatype: "FP16" } },
  ],
  [
    "Ultralytics: a classifier that is no square stretches",
    readUltralyticsMetadata,
    { task: "classify", imgsz: [200, 100] },
    { steps: [{ to: { fit: "stretch", size: [200, 100] } }, { size: [200, 100] }, {}] },
  ],
])("%s", (_, read, value, expected) => {
  expect(read(value)).toMatchObject(expected);
});

const vit = { image_processor_type: "ViTImageProcessor" };
const layer = (config: object, rest: object = {}) => ({ layers: [{ class_name: "Resizing", config, ...rest }] });

test.each<[Read, object, string]>([
  [readHuggingFaceProcessor, { ...vit, data_format: "channels_last" }, 'data_format: expected "channels_first"'],
  [readHuggingFaceProcessor, { ...vit, pad_size: { height: 9, width: 9 } }, "pad_size: expected no value"],
  [
    readHuggingFaceProcessor,
    { image_processor_type: "DPTImageProcessor", size: 70, default_to_square: false },
    "size: expected a number, or height and width, got 70",
  ],
  [readTimmConfig, { input_size: [3, 224, 224, 1] }, "input_size: expected [3, height, width], got [3,224,224,1]"],
  [readTimmConfig, { input_size: [1, 28, 28] }, "input_size: expected [3, height, width], got [1,28,28]"],
  [readTimmConfig, { mean: [0.5, 0.5] }, "mean: expected 3 numbers, one a channel, got [0.5,0.5]"],
  [readTimmConfig, { crop_mode: "random" }, 'crop_mode: expected center, squash or border, got "random"'],
  [
    readTorchvisionTransforms,
    { transforms: "ImageClassification", crop_size: [224, 200] },
    "crop_size: expected one whole number, got [224,200]",
  ],
  [
    readTorchvisionTransforms,
    { transforms: "ImageClassification", crop_size: 224, resize_size: 231.5 },
    "resize_size: expected one whole number, got 231.5",
  ],
  [
    readTorchvisionTransforms,
    { transforms: "ImageClassification" },
    "crop_size: expected a side, such as 224, got undefined",
  ],
  [
    readTorchvisionTransforms,
    { transforms: "ImageClassification", crop_size: 9, antialias: "warn" },
    'antialias: expected true or false, got "warn"',
  ],
  [readKerasPreprocessing, { layers: { class_name: "Rescaling" } }, "layers: expected an array of layers"],
  [readKerasPreprocessing, { preprocess_input: "constructor" }, "preprocess_input: expected a model"],
  [
    readKerasPreprocessing,
    { loader: "image_dataset_from_directory", pad_to_aspect_ratio: true },
    "pad_to_aspect_ratio: expected false: nothing else can be reproduced, got true",
  ],
  [
    readKerasPreprocessing,
    layer({ height: 9, width: 9, pad_to_aspect_ratio: true }),
    "layers[0].config: pad_to_aspect_ratio: expected false",
  ],
  [
    readKerasPreprocessing,
    layer({ height: 9, width: 9, data_format: "channels_first" }),
    'layers[0].config: data_format: expected "channels_last"',
  ],
  [readKerasPreprocessing, layer({ height: 9, width: 9 }, { seed: 3 }), "layers[0]: members that are not known: seed"],
  [readUltralyticsMetadata, { task: "detect", imgsz: 64, channels: 4 }, "channels: expected 3 or 1, got 4"],
  [readUltralyticsMetadata, { task: "detect", imgsz: 64, head: "RTDETRDecoder" }, "head: expected a YOLO"],
  [
    readUltralyticsMetadata,
    { task: "detect", imgsz: 64, description: "Ultralytics RT-DETR-l model" },
    "head: expected a YOLO: Ultralytics' RT-DETR is not read, transformers' is, got",
  ],
])("%p refuses %j", (read, value, message) => {
  expect(() => read(value)).toThrow(message);
});
