/** Light or dark: what the system says, unless the reader chose. A choice of this browser, not part of the link. */
import { computed, effect, signal } from "@preact/signals"

export const themes = ["system", "light", "dark"] as const
export type Theme = (typeof themes)[number]

const key = "losslattice-theme"

const remembered = (): Theme => {
  try {
    const text = localStorage.getItem(key)
    return themes.find((theme) => theme === text) ?? "system"
  } catch {
    // Storage may be forbidden, from disk for instance.
    return "system"
  }
}

/** The reader's choice. */
export const theme = signal<Theme>(remembered())

const query = matchMedia("(prefers-color-scheme: dark)")
const systemIsDark = signal(query.matches)
query.addEventListener("change", () => {
  systemIsDark.value = query.matches
})

/** Whether the page is dark now: canvases, which no style sheet reaches, are drawn by it. */
export const isDark = computed(() => (theme.value === "system" ? systemIsDark.value : theme.value === "dark"))

effect(() => {
  const root = document.documentElement
  if (theme.value === "system") root.removeAttribute("data-theme")
  else root.dataset.theme = theme.value
  try {
    if (theme.value === "system") localStorage.removeItem(key)
    else localStorage.setItem(key, theme.value)
  } catch {
    // Then the choice lasts as long as the page.
  }
})
