/** The KL temperature of a loss that names none: read off its slope in the log-ratio gap. */
import type { Point } from "./ratio.ts"

/** The loss's derivative by the chosen answer's log-probability, at a point. */
type Slope = (point: Point) => number

/** Nats that both references are at, and the middle of the two policies. */
const level = -2

/** The point of log-ratio gap h, the gap shared by both answers as far as probabilities stay below 1. */
const pointAt = (h: number, extras: Point): Point => {
  const half = Math.min(Math.abs(h) / 2, 1)
  const [up, down] = [level + half, level + half - Math.abs(h)]
  const [lw, ll] = h >= 0 ? [up, down] : [down, up]
  return { ...extras, lw, ll, rw: level, rl: level, nw: 1, nl: 1 }
}

/** Gaps at which the slope is looked at: a temperature of T turns around a gap of 1 / T. */
const gaps: ReadonlyArray<number> = [0.013, 0.13, 1.3, 13, 130, 1300]

const turningGap = (slope: (h: number) => number): number | undefined => {
  for (const [k, gap] of gaps.entries()) {
    let [low, high] = [k === 0 ? 0 : gaps[k - 1]!, gap]
    if (!(slope(low) < 0 && slope(high) > 0)) continue
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2
      if (slope(middle) < 0) low = middle
      else high = middle
    }
    return (low + high) / 2
  }
  return undefined
}

/**
 * With f the loss as a function of the gap h: where its slope turns at h*, `1 / h*` for a loss that reads rewards (of gap 1) and
 * `1 / (2 h*)` for one that does not (IPO); where it only falls, `log(f'(-h) / f'(h)) / h`, which is T for every h if the population
 * optimum is the KL-regularised one (DPO).
 * @param extras inputs beyond the pair's log-probabilities
 * @returns undefined where the slope says neither, as for a hinge
 */
export const inferredTemperature = (slopeAt: Slope, extras: Point): number | undefined => {
  const rewards = "s_w" in extras || "s_l" in extras
  const inputs = rewards ? { ...extras, s_w: 1, s_l: 0 } : extras
  const slope = (h: number): number => slopeAt(pointAt(h, inputs))
  const turn = turningGap(slope)
  if (turn !== undefined) return Number((rewards ? 1 / turn : 1 / (2 * turn)).toPrecision(9))
  for (const h of [1, 0.1, 10, 0.01, 100]) {
    const ratio = slope(-h) / slope(h)
    if (ratio > 1.05 && ratio < 1e8) return Number((Math.log(ratio) / h).toPrecision(9))
  }
  return undefined
}
