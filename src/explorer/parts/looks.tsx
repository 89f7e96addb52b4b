/** Signs that every view shares: behaviour classes, marks of rows, formulas in signs. */

/** How a behaviour class (what a loss does with row FF) looks: a colour and a shape, so that neither carries it alone. */
export interface ClassLook {
  readonly id: string
  readonly colour: string
  readonly label: string
  /** SVG path within ±5. */
  readonly shape: string
}

/** The classes with the colours and shapes of the figures, and the loss that is zero everywhere. */
export const classLooks: ReadonlyArray<ClassLook> = [
  { id: "cross only", colour: "var(--blue)", label: "cross only (CE-like)", shape: "M-4,-4H4V4H-4Z" },
  { id: "neither", colour: "var(--green)", label: "neither (CPO-like)", shape: "M0,-5A5,5,0,1,1,0,5A5,5,0,1,1,0,-5Z" },
  { id: "both", colour: "var(--orange)", label: "both (greedy)", shape: "M0,-5.5L5.5,0L0,5.5L-5.5,0Z" },
  { id: "tick only", colour: "var(--vermilion)", label: "tick only (unlikelihood)", shape: "M0,-5L5,4H-5Z" }
]

/** The look of a class. */
export const classLook = (id: string): ClassLook =>
  classLooks.find((look) => look.id === id) ?? { id, colour: "var(--soft)", label: id, shape: "M-4,0H4" }

/** A class by its sign and name. */
export const ClassName = ({ id }: { readonly id: string }) => {
  const { colour, label, shape } = classLook(id)
  return (
    <span class="class-name">
      <svg viewBox="-6 -6 12 12" width="12" height="12" aria-hidden="true">
        <path d={shape} style={{ fill: colour }} />
      </svg>
      {label}
    </span>
  )
}

/** Paths within ±4: a tick and a cross. */
export const markPaths = { tick: "M-4,0L-1,3.5L4,-3.5", cross: "M-3.2,-3.2L3.2,3.2M-3.2,3.2L3.2,-3.2" } as const

/** A tick or a cross beside text. */
export const Mark = ({ kind }: { readonly kind: keyof typeof markPaths }) => (
  <svg class={`mark ${kind}`} viewBox="-5.5 -5.5 11 11" width="14" height="14" role="img" aria-label={kind}>
    <path d={markPaths[kind]} />
  </svg>
)

const signs: ReadonlyArray<readonly [RegExp, string]> = [
  [/\bnot /g, "¬"],
  [/ and /g, " ∧ "],
  [/ or /g, " ∨ "],
  [/ xor /g, " ⊕ "],
  [/ -> /g, " → "],
  [/ <-> /g, " ↔ "],
  [/\btrue\b/g, "⊤"],
  [/\bfalse\b/g, "⊥"]
]

/** A formula's text with the signs of logic in place of words. */
export const inSigns = (formula: string): string =>
  signs.reduce((text, [word, sign]) => text.replaceAll(word, sign), formula)
