/** Builds the explorer into one HTML file that opens from disk: dist/explorer/index.html. `npm run explorer` serves it while it is edited. */
import { fileURLToPath } from "node:url"
import { defineConfig, type Plugin } from "vite"
import { viteSingleFile } from "vite-plugin-singlefile"
import { latticesText } from "./latticesText.ts"

const path = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url))

/** The page may import pure modules alone: Node in one of them fails the build instead of becoming an empty stand-in. */
const noNode: Plugin = {
  name: "losslattice:no-node",
  enforce: "pre",
  resolveId(source, importer) {
    if (source.startsWith("node:"))
      throw new Error(`${importer ?? "the page"} imports ${source}: no module of the page may use Node`)
    return null
  }
}

/** `virtual:losslattice/lattices`: computed once per state of the source, since it takes seconds. */
const lattices: Plugin = {
  name: "losslattice:lattices",
  resolveId: (source) => (source === "virtual:losslattice/lattices" ? `\0${source}` : null),
  load: async (id) =>
    id === "\0virtual:losslattice/lattices"
      ? `export const lattices = JSON.parse(${JSON.stringify(await latticesText())})`
      : null
}

export default defineConfig({
  root: path("src/explorer"),
  base: "./",
  publicDir: false,
  cacheDir: path(".cache/vite"),
  logLevel: "warn",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [noNode, lattices, viteSingleFile()],
  // Workers become texts inside the page: a page on disk may start no other.
  worker: { format: "iife", plugins: () => [noNode] },
  build: {
    outDir: path("dist/explorer"),
    emptyOutDir: true,
    target: "es2024",
    reportCompressedSize: false,
    license: false,
    // The lattices take their time; the build need not wonder at it.
    rolldownOptions: { checks: { pluginTimings: false } }
  }
})
