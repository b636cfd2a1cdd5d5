import { type InferRequest, type InferResponse, type RequestContext, Transformer } from "kserve-transformer";
import { imageInstance, imageTensor, loadImages } from "kserve-transformer/image";

interface State {
  sizes: readonly { readonly width: number; readonly height: number }[];
}

/** Stretches pictures to 64 × 64, and puts boxes of 0 to 1 back on the original pixels. */
export default class Boxes extends Transformer<State> {
  override createState(): State {
    return { sizes: [] };
  }

  override async preprocess(request: InferRequest, context: RequestContext<State>) {
    const images = await loadImages(request.rows(imageInstance), context);
    context.state.sizes = images.map(({ width, height }) => ({ width, height }));
    return request.withInputs([await imageTensor("image", images, { size: [64, 64], scaling: "plain" })]);
  }

  override postprocess(response: InferResponse, { state }: RequestContext<State>) {
    const boxes = response.predictions.map((box, row) => {
      const { width, height } = state.sizes[row] ?? { width: 1, height: 1 };
      return (box as number[]).map((side, index) => Math.round(side * (index % 2 === 0 ? width : height)));
    });
    return response.withPredictions(boxes);
  }
}
