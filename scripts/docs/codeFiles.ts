/** The file name of a block of code, "yaml mine.yaml" after its fence, above the block. */
import type { MarkdownIt } from "./markdownIt.ts"

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

/** The file that a fence's words name after the language: the last word, if it has a dot in it. */
export const fileOfInfo = (info: string): string | undefined => {
  const [, ...words] = info.trim().split(/\s+/)
  const last = words.at(-1)
  return last !== undefined && /^[\w./-]+\.\w+$/.test(last) ? last : undefined
}

/** The plugin. */
export const codeFiles = (markdown: MarkdownIt): void => {
  const fence = markdown.renderer.rules.fence!
  markdown.renderer.rules.fence = (...rendered) => {
    const file = fileOfInfo(rendered[0][rendered[1]]!.info)
    return (file === undefined ? "" : `<div class="code-file" v-pre>${escaped(file)}</div>\n`) + fence(...rendered)
  }
}
