import type * as fc from "fast-check"
import { inputDomains } from "../inputs.ts"
import { type Check, needsPair, type Property } from "../property.ts"
import { CaseArbitrary } from "../shrink.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"

/** A direction: log p_w = -w t, log p_l = -l t as t grows; one of the two may stay near probability 1. */
interface RayCase {
  readonly w: number
  readonly l: number
  readonly inputs: Readonly<Record<string, number>>
}

// Far out, because small coefficients (XPO's alpha) take long to show.
const scales = [1e4, 1e8, 1e12] as const

const along = (subject: LossSubject, { w, l, inputs }: RayCase): ReadonlyArray<number> =>
  scales.map((t) => {
    // A probability of exactly 1 is outside the open cube.
    const log = (speed: number): number => (speed === 0 ? -1e-9 : -speed * t)
    return subject.at({ lw: log(w), ll: log(l), rw: -1, rl: -1, nw: 1, nl: 1, ...inputs }).loss
  })

const rays = (subject: LossSubject): CaseArbitrary<RayCase> =>
  new CaseArbitrary<RayCase>({
    draw: (random: fc.Random) => {
      const w = random.nextInt(0, 3)
      return {
        w,
        l: random.nextInt(w === 0 ? 1 : 0, 3),
        inputs: Object.fromEntries(
          subject.extras.map((name) => {
            const { values } = inputDomains[name]!
            return [name, values[random.nextInt(0, values.length - 1)]!]
          })
        )
      }
    },
    isCase: (value): value is RayCase => {
      const { w, l, inputs } = (value ?? {}) as Partial<RayCase>
      const speed = (entry: unknown): boolean => Number.isInteger(entry) && (entry as number) >= 0
      return speed(w) && speed(l) && w! + l! > 0 && typeof inputs === "object" && inputs !== null
    },
    complexity: ({ w, l, inputs }) => [
      w + l,
      w,
      Object.values(inputs).reduce((sum, value) => sum + Math.abs(value), 0)
    ],
    *candidates(value) {
      for (const [w, l] of [
        [0, 1],
        [1, 0],
        [1, 1]
      ] as const)
        yield { ...value, w, l }
      for (const name of Object.keys(value.inputs)) {
        for (const simpler of inputDomains[name]!.values)
          yield { ...value, inputs: { ...value.inputs, [name]: simpler } }
      }
    }
  })

const speedText = (name: string, speed: number): string =>
  speed === 0 ? `${name} next to 1` : `log ${name} = -${speed === 1 ? "" : speed}t`

const check: Check<RayCase> = {
  arbitrary: rays,
  predicate: (subject, ray) => {
    const [near, far, end] = along(subject, ray) as [number, number, number]
    if (Number.isNaN(end)) return { outside: "the loss has no value on this ray" }
    // Linear growth or more, and never a return: below any bound one would name.
    return { holds: !(end < far && far < near && end < -1e2), margin: end }
  },
  describe: (subject, ray) => ({
    arms: [],
    facts: Object.fromEntries(along(subject, ray).map((loss, k) => [`loss at t = ${scales[k]}`, loss])),
    explanation:
      `With ${speedText("p_w", ray.w)} and ${speedText("p_l", ray.l)} the loss falls without end as t grows: ` +
      `${along(subject, ray).map(numberText).join(", ")}.`
  })
}

/** A link that is never negative bounds the loss by 0; other losses are followed to the edges of the simplex. */
export const boundedBelow: Property = {
  id: "bounded-below",
  aliases: [],
  title: "Bounded below",
  statement: "The loss has a finite infimum over all policies.",
  quantifiers:
    "for all policies; a loss without a named link is followed along rays to vanishing and to certain answers",
  source: "docs/theory.md §9",
  appliesTo: needsPair,
  decide: (subject) =>
    subject.agrees && subject.loss.link.kind !== "custom"
      ? { verdict: "proved", certificate: `the ${subject.loss.link.kind} link is never negative` }
      : undefined,
  check
}
