/**
 * The page's state is its link: `#/<view>?<key>=<value>&…`. Views read their whole state from it and write back with
 * {@link setState}; nothing else counts, so that a copied link opens the same page.
 */
import { signal } from "@preact/signals"
import { type Link, type LinkState, linkOf, type Patch, parseLink, patched } from "./link.ts"

const here = (): Link => parseLink(location.hash)

/** Where the page is. */
export const current = signal<Link>(here())

/** Browsers refuse more than a few changes of the address a second: while dragging it follows after this pause, milliseconds. */
const addressPause = 250
let pending: ReturnType<typeof setTimeout> | undefined

const writeAddress = (): void => {
  clearTimeout(pending)
  pending = undefined
  const { view, state } = current.peek()
  history.replaceState(null, "", linkOf(view, state))
}

/** Writes an address that waits for its pause, so that what is copied or left is the page as it is seen. */
export const settleAddress = (): void => {
  if (pending !== undefined) writeAddress()
}

/** Goes to a view in a state, as a new entry of the browser's history. */
export const goTo = (view: string, state: LinkState = {}): void => {
  settleAddress()
  history.pushState(null, "", linkOf(view, state))
  current.value = { view, state }
}

/** Changes the state of the view on show. `replace`: no new entry of the history, for what changes while dragging or typing. */
export const setState = (patch: Patch, { replace = false }: { readonly replace?: boolean } = {}): void => {
  const { view, state } = current.peek()
  const next = patched(state, patch)
  if (linkOf(view, next) === linkOf(view, state)) return
  if (!replace) {
    goTo(view, next)
    return
  }
  current.value = { view, state: next }
  pending ??= setTimeout(writeAddress, addressPause)
}

/** Follows the browser's back, forward, and links. */
export const followAddress = (): void => {
  const follow = (): void => {
    clearTimeout(pending)
    pending = undefined
    current.value = here()
  }
  addEventListener("hashchange", follow)
  addEventListener("popstate", follow)
  addEventListener("pagehide", settleAddress)
}
