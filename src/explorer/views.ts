/** The views of the page, in the order of its menu. */
import type { ComponentChildren } from "preact"
import type { LinkState, Patch } from "./link.ts"
import { banditView } from "./views/bandit.tsx"
import { compareView } from "./views/compare.tsx"
import { latticeView } from "./views/lattice.tsx"
import { lossView } from "./views/loss.tsx"
import { runsView } from "./views/runs.tsx"

/** What a view gets: its state from the link, and how to change it. Unknown keys are left alone. */
export interface ViewProps {
  readonly state: LinkState
  readonly set: (patch: Patch, options?: { readonly replace?: boolean }) => void
}

/** A view: the name in the link, the name in the menu, and what is shown. */
export interface View {
  readonly id: string
  readonly title: string
  readonly Component: (props: ViewProps) => ComponentChildren
}

/** All views; the first is shown when the link names none. */
export const views: ReadonlyArray<View> = [latticeView, lossView, compareView, banditView, runsView]
