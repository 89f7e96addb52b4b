/** The docs site: `npm run docs` builds it. Its parts are in scripts/docs. */
import { defineConfig } from "vitepress"
import { codeFiles } from "../../scripts/docs/codeFiles.ts"
import { copyOtherFiles } from "../../scripts/docs/copy.ts"
import { repositoryLinks } from "../../scripts/docs/links.ts"
import { githubSlug } from "../../scripts/docs/slug.ts"
import { math } from "../../scripts/docs/math.ts"
import { sidebar, siteNav } from "../../scripts/docs/pages.ts"

// Links to these are links to files, not to pages.
process.env.VITE_EXTRA_EXTENSIONS = "jsonl"

export default defineConfig({
  title: "losslattice",
  description: "Loss landscapes of preference learning: losses as logic, exact properties, bandits, finetuning",
  lang: "en",
  head: [["link", { rel: "icon", href: "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 10 10'><path d='M5 1 9 5 5 9 1 5z' fill='%234263eb'/></svg>" }]],
  cacheDir: "../.cache/vitepress",
  // GitHub shows README.md of a folder; a web server wants index.html.
  rewrites: (page) => page.replace(/README\.md$/, "index.md"),
  markdown: {
    anchor: { slugify: githubSlug },
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config: (markdown) => markdown.use(math).use(repositoryLinks, import.meta.dirname + "/..").use(codeFiles)
  },
  themeConfig: {
    nav: siteNav,
    sidebar,
    outline: { level: [2, 3] },
    search: { provider: "local" },
    docFooter: { prev: "Before", next: "Next" }
  },
  vite: { build: { chunkSizeWarningLimit: 4096 } },
  buildEnd: ({ srcDir, outDir }) => copyOtherFiles(srcDir, outDir)
})
