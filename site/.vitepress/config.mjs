import { readFileSync } from "node:fs";
import { posix } from "node:path";

const groups = JSON.parse(readFileSync(new URL("../pages.json", import.meta.url), "utf8"));
const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, DOCS_BASE: base = "/" } = process.env;
const source = repository === undefined ? undefined : `${server}/${repository}/blob/main`;

/** Pages also link to files of the repository that are no page; test/docs checks that these exist. */
function linkToSource(md) {
  md.core.ruler.push("link-to-source", (state) => {
    const folder = posix.join("docs", posix.dirname(state.env.relativePath ?? ""));
    for (const { children } of state.tokens) {
      children?.forEach((token, at) => {
        const href = token.type === "link_open" ? (token.attrGet("href") ?? "") : "";
        if (href === "" || /^(#|[a-z]+:)/.test(href)) return;
        const file = posix.join(folder, href);
        if (file.startsWith("docs/") && /\.md(#|$)/.test(file)) return;
        if (source !== undefined) token.attrSet("href", `${source}/${file}`);
        else dropLink(children, at);
      });
    }
  });
}

/** Outside CI the repository's address is unknown, and its files stay words without a link. */
function dropLink(tokens, at) {
  const end = tokens.findIndex((token, index) => index > at && token.type === "link_close");
  for (const index of [at, end]) Object.assign(tokens[index], { type: "text", content: "", tag: "", nesting: 0 });
}

// biome-ignore lint/style/noDefaultExport: VitePress reads the default export.
export default {
  title: "kserve-transformer",
  description: "The front tier of KServe model services, in TypeScript.",
  base,
  srcDir: "pages",
  outDir: "dist",
  cacheDir: ".cache",
  rewrites: { "guides/README.md": "guides/index.md", "install.md": "index.md" },
  // TypeDoc writes it after the pages.
  ignoreDeadLinks: [/^\/api\//],
  markdown: { config: linkToSource },
  themeConfig: {
    search: { provider: "local" },
    sidebar: [
      ...groups.map(({ text, pages }) => ({
        text,
        items: pages.map(([title, page]) => ({ text: title, link: toLink(page) })),
      })),
      { text: "API", items: [{ text: "API reference", link: "/api/index.html", target: "_self" }] },
    ],
    outline: [2, 3],
  },
};

function toLink(page) {
  return page === "install" ? "/" : `/${page.replace(/README$/, "")}`;
}
