/** Special values of a loss's parameters, and the shortest condition that says at which of them something holds. */
import { equalRational, type Rational, rational, rationalText, rationalToNumber } from "../logic/rational.ts"
import type { ParameterSpec } from "./catalogue/schema.ts"
import { type ExactParameters, writtenNumber } from "./linearForm.ts"
import { inRange } from "./settings.ts"

const special: ReadonlyArray<Rational> = [rational(0), rational(1, 2), rational(1), rational(2)]

/** All combinations of each parameter's default and the values 0, 1/2, 1, 2 that its range allows, defaults first. */
export const parameterGrid = (
  specs: Readonly<Record<string, ParameterSpec>>
): ReadonlyArray<Readonly<Record<string, Rational>>> =>
  Object.entries(specs).reduce<ReadonlyArray<Readonly<Record<string, Rational>>>>(
    (points, [name, spec]) => {
      const own = writtenNumber(spec.default)
      const others = special.filter((value) => !equalRational(value, own) && inRange(rationalToNumber(value), spec))
      return points.flatMap((point) => [own, ...others].map((value) => ({ ...point, [name]: value })))
    },
    [{}]
  )

interface Condition {
  readonly text: string
  readonly holds: (point: ExactParameters) => boolean
}

const simpleConditions = (grid: ReadonlyArray<ExactParameters>): ReadonlyArray<Condition> => {
  const names = Object.keys(grid[0] ?? {})
  const values = names.flatMap((name) =>
    [...new Map(grid.map((point) => [rationalText(point[name]!), point[name]!])).values()].map((value) => ({
      text: `${name} == ${rationalText(value)}`,
      holds: (point: ExactParameters) => equalRational(point[name]!, value)
    }))
  )
  const pairs = names.flatMap((a, k) =>
    names.slice(k + 1).map((b) => ({
      text: `${a} == ${b}`,
      holds: (point: ExactParameters) => equalRational(point[a]!, point[b]!)
    }))
  )
  return [...values, ...pairs]
}

/**
 * The condition under which the points of a grid are hits: "" for all of them, `beta == 1`, `alpha == beta`, two or three of
 * these joined by `and`. What is hit and not covered by a condition stands as the points themselves, joined by `or`.
 */
export const conditionText = (grid: ReadonlyArray<ExactParameters>, isHit: ReadonlyArray<boolean>): string => {
  if (isHit.every(Boolean)) return ""
  const simple = simpleConditions(grid)
  const fits = (parts: ReadonlyArray<Condition>): boolean =>
    grid.every((point, k) => parts.every(({ holds }) => holds(point)) === isHit[k])
  const joined = (parts: ReadonlyArray<Condition>): string => parts.map(({ text }) => text).join(" and ")
  for (const a of simple) if (fits([a])) return a.text
  for (const [i, a] of simple.entries()) for (const b of simple.slice(i + 1)) if (fits([a, b])) return joined([a, b])
  for (const [i, a] of simple.entries()) {
    for (const [j, b] of simple.slice(i + 1).entries()) {
      for (const c of simple.slice(i + j + 2)) if (fits([a, b, c])) return joined([a, b, c])
    }
  }
  return grid
    .filter((_, k) => isHit[k])
    .map((point) =>
      Object.entries(point)
        .map(([name, value]) => `${name} == ${rationalText(value)}`)
        .join(" and ")
    )
    .join(" or ")
}
