/** The checkpoint that the pictures look at. */
import type { LinkState } from "../link.ts"

/** The step of the link; undefined: the last. */
export const lookedAt = (state: LinkState, steps: number): number | undefined => {
  const at = Number(state.at)
  return state.at === undefined || state.at === "" || !Number.isFinite(at)
    ? undefined
    : Math.min(Math.max(0, at), steps)
}
