/** @file "Did you mean": the valid names nearest to a wrong one. */

/** Least number of single-character insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
export const editDistance = (a: string, b: string): number => {
  const rows = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0))
  )
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, rows[i - 1]![j - 1]! + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, rows[i - 2]![j - 2]! + 1)
      rows[i]![j] = best
    }
  }
  return rows[a.length]![b.length]!
}

/** At most `limit` of the valid names, nearest first; ties keep the order given. Case does not count. */
export const nearestNames = (wrong: string, valid: ReadonlyArray<string>, limit = 3): ReadonlyArray<string> =>
  valid
    .map((name, position) => ({ name, position, distance: editDistance(wrong.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance || a.position - b.position)
    .slice(0, limit)
    .map(({ name }) => name)
