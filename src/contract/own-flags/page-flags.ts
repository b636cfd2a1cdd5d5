/** The pages for people. */
export const PAGE_FLAGS = {
  enable_playground: {
    type: "boolean",
    default: false,
    description:
      "Serve the page /playground, which sends requests and shows what each hook made; it keeps the last runs.",
  },
  playground_examples: {
    type: "text",
    description:
      "Folder of pictures, texts and JSON files to try there; by default the folder examples and the file request.json beside the module.",
  },
  playground_sources: {
    type: "boolean",
    default: false,
    description: "Show there where a hook threw, with the lines of its code: for development.",
  },
} as const;
