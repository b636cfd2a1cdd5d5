import type { Field } from "../field.ts";
import { error, type Remark } from "../finding.ts";
import type { Service, ServiceCheckTable } from "../service/service.ts";
import { everyContainer } from "./pods.ts";

export const IMAGE_REFERENCE_CHECKS: ServiceCheckTable = {
  "image-reference": checkImageReference,
};

const DOMAIN_PART = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
const DOMAIN = `(?:${DOMAIN_PART}(?:\\.${DOMAIN_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const PATH_PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
/** An image's name; source: the grammar of distribution's `reference` package. */
const REFERENCE = new RegExp(
  `^(?:${DOMAIN}/)?${PATH_PART}(?:/${PATH_PART})*(?::[\\w][\\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
);

function* checkImageReference(service: Service): Iterable<Remark> {
  for (const field of everyContainer(service)) {
    const image = field.at("image");
    if (image.text === undefined || image.text === "" || REFERENCE.test(image.text)) continue;
    yield judge(image, image.text);
  }
}

function judge(image: Field, text: string): Remark {
  const trimmed = text.trim();
  if (trimmed !== text) {
    return error(
      image,
      `The image "${text}" has a space at its end or beginning: the service is admitted, then its Deployment is refused.`,
      `Write ${trimmed}.`,
      image.toWritten(trimmed),
    );
  }
  const scheme = /^[a-z]+:\/\//.exec(text)?.[0];
  if (scheme !== undefined) {
    return error(
      image,
      `${text} is an address, no image: the pod stays at InvalidImageName.`,
      `Write ${text.slice(scheme.length)}, without ${scheme}.`,
      image.toWritten(text.slice(scheme.length)),
    );
  }
  const lower = text.replace(/^[^:@]*/, (name) => name.toLowerCase());
  return error(
    image,
    `${text} is no image's name: the pod stays at InvalidImageName.`,
    REFERENCE.test(lower)
      ? `Write ${lower}: a repository's name is lower-case.`
      : "Write REGISTRY/NAME:TAG, the name in lower-case letters, digits, dots, dashes and slashes.",
  );
}
