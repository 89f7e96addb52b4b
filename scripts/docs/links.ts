/**
 * Links of pages to files: GitHub follows them all, the site has the files of docs/ alone. A link to another file of the
 * repository becomes its text, with the path as title; one to a file that is not there fails the build.
 */
import { existsSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import type { CoreState, MarkdownIt, Token } from "./markdownIt.ts"

const isLocal = (href: string): boolean => !/^([a-z]+:|#|\/)/i.test(href)

/** The text of a link in place of the link. */
const unlink = (open: Token, close: Token, path: string): void => {
  open.tag = "span"
  open.attrs = [
    ["class", "repository-file"],
    ["title", `${path} of the repository`]
  ]
  open.type = "span_open"
  close.tag = "span"
  close.type = "span_close"
}

const settle = (docs: string, page: string, tokens: ReadonlyArray<Token>): void => {
  const closing = (from: number): Token => tokens.slice(from).find(({ type }) => type === "link_close")!
  tokens.forEach((token, i) => {
    const href = token.type === "link_open" ? token.attrGet("href") : null
    if (href === null || !isLocal(href)) return
    const [path = "", anchor] = href.split("#")
    const file = resolve(dirname(page), decodeURI(path))
    if (!existsSync(file)) throw new Error(`${relative(docs, page)}: the link ${href} leads to no file`)
    if (relative(docs, file).startsWith("..")) unlink(token, closing(i), relative(join(docs, ".."), file))
    else if (/(^|\/)README\.md$/.test(path))
      token.attrSet("href", path.replace(/README\.md$/, "index.md") + (anchor === undefined ? "" : `#${anchor}`))
  })
}

/** The plugin. @param docs the folder of the pages */
export const repositoryLinks = (markdown: MarkdownIt, docs: string): void => {
  const folder = resolve(docs)
  markdown.core.ruler.push("repository_links", ({ tokens, env }: CoreState) => {
    if (env.path === undefined) return
    for (const { type, children } of tokens) if (type === "inline") settle(folder, env.path, children ?? [])
  })
}
