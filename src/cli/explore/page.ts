/** @file The page that was built, and all files that are served or written with it. */
import { createReadStream, existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { RunData } from "./runData.ts"

/** Where the built page is: beside the compiled command; for the command's source, in the checkout's dist. */
const place = import.meta.url.endsWith(".ts") ? "../../../dist/explorer/index.html" : "../../explorer/index.html"

/** The file of the built page, or of the one that LOSSLATTICE_PAGE names; undefined where there is none. */
export const builtPage = (): string | undefined => {
  const file = process.env.LOSSLATTICE_PAGE || fileURLToPath(new URL(place, import.meta.url))
  return existsSync(file) ? file : undefined
}

/** One file of the site. */
export interface SiteFile {
  readonly type: string
  readonly content: AsyncIterable<string | Uint8Array>
  /** Whether it is the page itself, and not data of a run. */
  readonly isPage: boolean
}

/** The page with its runs: paths relative to it. */
export interface Site {
  readonly paths: ReadonlyArray<string>
  readonly file: (path: string) => SiteFile | undefined
}

/** The site of a built page and opened runs. */
export const siteOf = (page: string, data: RunData): Site => ({
  paths: ["index.html", ...data.paths()],
  file: (path) => {
    if (path === "index.html") {
      return { type: "text/html; charset=utf-8", content: createReadStream(page), isPage: true }
    }
    const content = data.read(path)
    return content && { type: data.typeOf(path), content, isPage: false }
  }
})
