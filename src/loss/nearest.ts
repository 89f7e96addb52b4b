/** Help for mistyped names: the closest allowed ones. */

/** Number of single-character insertions, deletions, substitutions and swaps of neighbours between two texts. */
export const editDistance = (a: string, b: string): number => {
  // Three rows of the table are enough: a swap looks two rows back.
  let beforeLast: ReadonlyArray<number> = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + change)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforeLast[j - 2]! + 1)
      }
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}

/** Up to `limit` allowed names closest to the wrong one, closest first, ties in the given order; case does not count. */
export const nearestNames = (wrong: string, allowed: ReadonlyArray<string>, limit = 3): ReadonlyArray<string> => {
  const text = wrong.toLowerCase()
  const scored = allowed.map((name, order) => {
    const other = name.toLowerCase()
    // A name that starts like the wrong one (or the reverse) is a likelier intention than its distance says.
    const related = text.length > 1 && (other.startsWith(text) || text.startsWith(other))
    return { name, order, score: related ? 1 : editDistance(text, other) }
  })
  const near = scored.filter(({ score }) => score <= Math.max(2, Math.ceil(text.length / 2)))
  return near
    .sort((a, b) => a.score - b.score || a.order - b.order)
    .slice(0, limit)
    .map(({ name }) => name)
}

/** The end of an error sentence: `nearest: a, b` when something is near, else `allowed: …` (at most 24 names). */
export const nearest = (wrong: string, allowed: ReadonlyArray<string>): string => {
  const near = nearestNames(wrong, allowed)
  if (near.length > 0) return `nearest: ${near.join(", ")}`
  if (allowed.length === 0) return "none is allowed here"
  return `allowed: ${allowed.slice(0, 24).join(", ")}${allowed.length > 24 ? ", …" : ""}`
}

/** The closest allowed name, when one is near. */
export const nearestName = (wrong: string, allowed: ReadonlyArray<string>): string | undefined =>
  nearestNames(wrong, allowed, 1)[0]
