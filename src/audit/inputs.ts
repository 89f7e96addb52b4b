/**
 * Points that losses are called at: realistic ones and such as bring hidden errors to light. All random numbers come from one
 * seed; a family's name says what it is for.
 */
import type { Rng } from "../random/rng.ts"

/** Inputs of one pair by name: log-probabilities in nats, token counts, scores. */
export type Point = Readonly<Record<string, number>>

/** How wild the points may be. */
export interface Domain {
  /** Inputs of the loss beside lw, ll, rw, rl, nw, nl. */
  readonly others: ReadonlyArray<string>
  /** Whether the code is driven through a model: every token then has at least 0.05 nats, and margins stay moderate. */
  readonly byTokens: boolean
}

const between = (rng: Rng, low: number, high: number): number => low + (high - low) * rng.uniform()
const rounded = (x: number, digits = 3): number => Number(x.toFixed(digits))

/** Inputs that are one number for a whole batch. */
const shared: ReadonlySet<string> = new Set(["kl", "delta", "m_bar", "m0", "m_star", "np"])

const others: Readonly<Record<string, (rng: Rng, at: Point) => number>> = {
  s_w: (rng) => between(rng, 0.6, 2),
  s_l: (rng) => between(rng, -1, 0.4),
  v: (rng) => between(rng, -0.5, 0.5),
  kl: (rng) => between(rng, 0.1, 1.5),
  delta: (rng) => between(rng, -0.5, 0.5),
  m_bar: (rng) => between(rng, 0.2, 1.5),
  m0: (rng) => between(rng, 0, 1),
  m_star: (rng) => between(rng, -1, 1),
  w_w: (rng) => between(rng, 0.1, 0.9),
  w_l: (rng) => between(rng, 0.1, 0.9),
  win_w: (rng) => between(rng, 0.5, 1),
  win_l: (rng) => between(rng, 0, 0.5),
  pol_is_w: (rng) => (rng.uniform() < 0.5 ? 0 : 1),
  kl_w: (rng) => between(rng, 0, 3),
  kl_l: (rng) => between(rng, 0, 3),
  ng: (rng) => 1 + Math.floor(between(rng, 0, 20)),
  lg: (rng, at) => -between(rng, 0.5, 2.5) * (at.ng ?? 1),
  rg: (rng, at) => -between(rng, 0.5, 2.5) * (at.ng ?? 1),
  np: () => 3,
  lp: (rng) => -between(rng, 0.5, 4)
}

// The longer answer's tokens beyond the shorter's length.
const tail = (rng: Rng, at: Point, name: string): number => {
  const [own, other] = name[1] === "w" ? [at.nw!, at.nl!] : [at.nl!, at.nw!]
  return own > other ? at[name.slice(0, 2)]! * between(rng, 0.2, 0.6) : 0
}

/** The point with the loss's further inputs, drawn in dependence order. */
const completed = (rng: Rng, base: Point, domain: Domain, common: Point): Point => {
  const point: Record<string, number> = { ...base }
  for (const name of [...domain.others].sort((a, b) => Number(/^[lr]/.test(a)) - Number(/^[lr]/.test(b)))) {
    if (common[name] !== undefined) point[name] = common[name]
    else if (name.endsWith("_tail")) point[name] = rounded(tail(rng, point, name), 6)
    else point[name] = rounded((others[name] ?? ((r: Rng) => between(r, 0.1, 1)))(rng, point), 6)
  }
  return point
}

const commonOf = (rng: Rng, domain: Domain): Point =>
  Object.fromEntries(
    domain.others.filter((name) => shared.has(name)).map((name) => [name, rounded(others[name]!(rng, {}), 6)])
  )

type Maker = (rng: Rng) => Point

const typical: Maker = (rng) => {
  const nw = 1 + Math.floor(between(rng, 0, 40))
  const nl = 1 + Math.floor(between(rng, 0, 40))
  const [perW, perL] = [between(rng, 0.2, 2.5), between(rng, 0.2, 2.5)]
  const [lw, ll] = [-perW * nw, -perL * nl]
  return { lw, ll, rw: lw * between(rng, 0.7, 1.4), rl: ll * between(rng, 0.7, 1.4), nw, nl }
}

const moved =
  (make: Maker, change: (point: Point, rng: Rng) => Point): Maker =>
  (rng) => {
    const point = make(rng)
    return { ...point, ...change(point, rng) }
  }

/** Families of single pairs: what each is there to show. */
const families: Readonly<Record<string, { readonly make: Maker; readonly count: number; readonly wild?: true }>> = {
  typical: { make: typical, count: 12 },
  "zero margin": { make: moved(typical, ({ lw, ll }) => ({ rw: lw!, rl: ll! })), count: 2 },
  "near-equal pair": {
    make: moved(typical, ({ lw, rw, nw }) => ({ ll: lw! * (1 + 1e-7), rl: rw! * (1 + 3e-8), nl: nw! })),
    count: 3
  },
  "reference shifted": {
    make: moved(typical, ({ rw, rl }, rng) =>
      rng.uniform() < 0.5 ? { rw: rw! - between(rng, 2, 6) } : { rl: rl! - between(rng, 2, 6) }
    ),
    count: 4
  },
  "very unequal lengths": {
    make: moved(typical, (_, rng) => {
      const per = between(rng, 0.3, 1.5)
      return { nw: 3, nl: 400, lw: -per * 3, ll: -per * 400, rw: -per * 3.3, rl: -per * 390 }
    }),
    count: 3
  },
  "long answers": {
    make: moved(typical, (_, rng) => ({
      nw: 2000,
      nl: 1500,
      lw: -between(rng, 2000, 3500),
      ll: -between(rng, 2000, 3500),
      rw: -2600,
      rl: -2500
    })),
    count: 4,
    wild: true
  },
  "huge margin": {
    make: moved(typical, ({ lw, ll }, rng) =>
      rng.uniform() < 0.5 ? { rw: lw! - 9000, rl: ll! } : { rl: ll! - 9000, rw: lw! }
    ),
    count: 4,
    wild: true
  },
  "probability near 1": {
    make: moved(typical, (_, rng) => ({
      lw: -between(rng, 1e-9, 1e-6),
      ll: -between(rng, 1e-6, 1e-3),
      rw: -between(rng, 1e-6, 1e-3),
      rl: -between(rng, 1e-6, 1e-3),
      nw: 1,
      nl: 1
    })),
    count: 3,
    wild: true
  }
}

/** Pairs of small round numbers, simplest first: the smallest disagreement is looked for here before anywhere else. */
export const simplePairs: ReadonlyArray<Point> = [
  [-1, -2, -1, -1, 1, 1],
  [-2, -1, -1, -1, 1, 1],
  [-1, -1, -2, -1, 1, 1],
  [-1, -1, -1, -2, 1, 1],
  [-1, -1, -1, -1, 1, 1],
  [-1, -2, -2, -1, 1, 1],
  [-2, -3, -1, -2, 1, 2],
  [-2, -3, -3, -2, 2, 1],
  [-2, -6, -2, -2, 2, 3],
  [-4, -2, -3, -5, 4, 2]
].map(([lw, ll, rw, rl, nw, nl]) => ({ lw: lw!, ll: ll!, rw: rw!, rl: rl!, nw: nw!, nl: nl! }))

/** A pair or batch with the reason for it. */
export interface Batch {
  readonly family: string
  readonly rows: ReadonlyArray<Point>
}

/** Single pairs of all families. */
export const singles = (rng: Rng, domain: Domain): ReadonlyArray<Batch> => [
  ...simplePairs.map((point, k) => {
    const own = rng.split(`simple/${k}`)
    return { family: "simple", rows: [completed(own, point, domain, commonOf(own, domain))] }
  }),
  ...Object.entries(families).flatMap(([family, { make, count, wild }]) =>
    wild && domain.byTokens
      ? []
      : Array.from({ length: count }, (_, k) => {
          const own = rng.split(`${family}/${k}`)
          return { family, rows: [completed(own, rawPoint(make, own), domain, commonOf(own, domain))] }
        })
  )
]

const rawPoint = (make: Maker, rng: Rng): Point => {
  const point = make(rng)
  // Round where nothing hangs on the last digits, so that what is shown can be typed.
  const digits = Math.abs(point.lw!) < 1e-2 || point.ll! / point.lw! - 1 < 1e-6 ? 12 : 3
  return Object.fromEntries(Object.entries(point).map(([name, x]) => [name, rounded(x, digits)]))
}

/** Batches: of several sizes, with equal rows, in another order, twice over. */
export const batches = (
  rng: Rng,
  domain: Domain,
  sizes: ReadonlyArray<number> = [2, 3, 4, 7, 16]
): ReadonlyArray<Batch> => {
  const batch = (label: string, size: number): ReadonlyArray<Point> => {
    const own = rng.split(label)
    const common = commonOf(own, domain)
    return Array.from({ length: size }, (_, k) =>
      completed(own.split(k), rawPoint(typical, own.split(`row/${k}`)), domain, common)
    )
  }
  const base = batch("base", 4)
  const [first] = base
  return [
    ...sizes.map((size) => ({ family: `batch of ${size}`, rows: batch(`size/${size}`, size) })),
    { family: "identical rows", rows: [first!, first!, first!] },
    { family: "batch", rows: base },
    { family: "permuted batch", rows: [2, 0, 3, 1].map((k) => base[k]!) },
    { family: "doubled batch", rows: [...base, ...base] }
  ]
}
