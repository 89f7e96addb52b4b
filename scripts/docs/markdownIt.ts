/** The types of markdown-it that the plugins of the site use; VitePress brings it bundled and exports the renderer's alone. */
import type { MarkdownRenderer } from "vitepress"

export type MarkdownIt = MarkdownRenderer

type RenderRule = NonNullable<MarkdownIt["renderer"]["rules"]["fence"]>
/** A piece of a page: an opening tag, its closing one, text, a block of code. */
export type Token = Parameters<RenderRule>[0][number]
type CoreRule = Parameters<MarkdownIt["core"]["ruler"]["push"]>[1]
/** A page while its blocks are read; `env.path` is its file. */
export type CoreState = Parameters<CoreRule>[0]
type InlineRule = Parameters<MarkdownIt["inline"]["ruler"]["push"]>[1]
/** A paragraph while its text is read. */
export type InlineState = Parameters<InlineRule>[0]
