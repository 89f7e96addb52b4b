/**
 * @file The exact landscape: whole-process times of the counts (built command line, warm compile cache), single decisions over
 * four propositions, the shares of signs left undecided over seeded families, and the same two-proposition classification by
 * plain SymPy and z3 scripts where Python (LOSSLATTICE_PYTHON, default python3) has those packages: minutes each.
 *
 *     node bench/landscape.ts [--reference-pairs N]     the scripts examine N pairs drawn at random instead of all 34,782
 */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { lossClasses, structureOf } from "../src/landscape/classes.ts"
import { dominance } from "../src/landscape/dominance.ts"
import { difference, type OddsCounts, oddsCounts, slope } from "../src/landscape/odds.ts"
import { scale } from "../src/landscape/oddsPolynomial.ts"
import { decideSign } from "../src/landscape/sign.ts"
import { Rng } from "../src/random/rng.ts"
import { changed, families, uniform } from "./landscapeFamilies.ts"
import { machine, spread } from "./machine.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const bin = fileURLToPath(new URL("../bin/losslattice.mjs", import.meta.url))
if (!existsSync(new URL("../dist/cli/bin.js", import.meta.url)))
  throw new Error("bench/landscape.ts: build first, npm run build")

interface Counted {
  readonly distinctLosses: number
  readonly comparablePairs?: {
    readonly entailment: number
    readonly dominance: number | null
    readonly undecided: number | null
  }
}

/** A command's answer and how long the whole process took. */
const asked = <A>(...args: ReadonlyArray<string>): { readonly seconds: number; readonly answer: A } => {
  const begun = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args, "--json"], {
    cwd: root,
    env: { ...process.env, LOSSLATTICE_DIST: "1" },
    encoding: "utf8",
    maxBuffer: 2 ** 28
  })
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`)
  return { seconds: (performance.now() - begun) / 1000, answer: JSON.parse(stdout) as A }
}

const landscape = (...args: ReadonlyArray<string>): { readonly seconds: number; readonly counts: Counted } => {
  const { seconds, answer } = asked<Counted>("landscape", ...args)
  return { seconds, counts: answer }
}

/** All structures within three row marks of DPO, each with every exact property. */
const neighbourhood = () => {
  const runs = Array.from({ length: 3 }, () =>
    asked<{ readonly found: number; readonly undecided: number }>("neighbourhood", "dpo")
  )
  const { found, undecided } = runs[0]!.answer
  return { seconds: spread(runs.map(({ seconds }) => seconds)), bound: 10, structures: found, undecided }
}

/** The strictly monotone losses over DPO's four propositions, counted by the pruned search. */
const strictlyMonotoneOfFour = () => {
  const { seconds, answer } = asked<{ readonly count: number }>(
    "interval",
    "bottom",
    "top",
    "--propositions",
    "Ref(w),Ref(l)",
    "--require",
    "strictly-monotone",
    "--distinct",
    "--count"
  )
  return { seconds, losses: answer.count }
}

const timed = (times: number, bound: number, ...args: ReadonlyArray<string>) => {
  const runs = Array.from({ length: times }, () => landscape(...args))
  const { distinctLosses, comparablePairs } = runs[0]!.counts
  return {
    seconds: spread(runs.map(({ seconds }) => seconds)),
    bound,
    distinctLosses,
    ...(comparablePairs ? { comparablePairs } : {})
  }
}

const quantile = (sorted: ReadonlyArray<number>, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!

/** Both directions of a pair with witnesses, certificates and the simplex: what `compare` asks for. */
const decisions = (items: number) => {
  const rng = Rng.fromSeed("bench: decisions over four propositions")
  const verdicts: Record<string, number> = {}
  const times: Array<number> = []
  for (let i = 0; i < items; i++) {
    const a = uniform(rng, "four")
    const b = i % 2 === 0 ? uniform(rng, "four") : changed(rng, a)
    const begun = performance.now()
    const { verdict } = dominance(a, b)
    times.push(performance.now() - begun)
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1
  }
  times.sort((x, y) => x - y)
  const milliseconds = { median: quantile(times, 0.5), p90: quantile(times, 0.9), max: times.at(-1)! }
  return { pairs: items, half: "uniform, half one to four row marks apart", verdicts, milliseconds, boundOfMedian: 20 }
}

const measured = ({ name, items, family }: (typeof families)[number]) => {
  const rng = Rng.fromSeed(`bench: ${name}`)
  const signs = { holds: 0, fails: 0, undecided: 0 }
  const proofs: Record<string, number> = {}
  let open = 0
  const begun = performance.now()
  for (let i = 0; i < items; i++) {
    const verdicts = family(rng).map((question) => decideSign(question))
    for (const verdict of verdicts) {
      signs[verdict.verdict]++
      if (verdict.verdict === "holds") proofs[verdict.proof.kind] = (proofs[verdict.proof.kind] ?? 0) + 1
    }
    if (verdicts.some(({ verdict }) => verdict === "undecided")) open++
  }
  const milliseconds = (performance.now() - begun) / items
  return {
    name,
    items,
    undecidedItems: open,
    undecidedShare: open / items,
    signs,
    proofs,
    millisecondsPerItem: milliseconds
  }
}

/** The slopes of all 187 losses over two propositions, both signs of both. */
const slopesOfTwo = () => {
  const signs = { holds: 0, fails: 0, undecided: 0 }
  for (const { counts } of lossClasses(["M(w)", "M(l)"]))
    for (const k of [0, 1]) for (const sign of [1n, -1n]) signs[decideSign(scale(slope(counts, k), sign)).verdict]++
  return signs
}

interface Reference {
  readonly distinctLosses: number
  readonly pairs: number
  readonly examined: number
  readonly dominance: number
  readonly undecided: number
  readonly seconds: { readonly classes: number; readonly pairs: number }
  /** Ticks and crosses of both as masks, and whether rho of the first is at most that of the second. */
  readonly verdicts: ReadonlyArray<readonly [number, number, number, number, boolean | null]>
}

const countsOfMasks = (ticks: number, crosses: number): OddsCounts =>
  oddsCounts(structureOf(["M(w)", "M(l)"], { ticks, crosses }))

/** Every verdict of a script has to be ours. */
const checkVerdicts = (name: string, { verdicts }: Reference): void => {
  for (const [ticksA, crossesA, ticksB, crossesB, dominated] of verdicts) {
    const verdict = decideSign(difference(countsOfMasks(ticksA, crossesA), countsOfMasks(ticksB, crossesB))).verdict
    if (dominated !== null && dominated !== (verdict === "holds"))
      throw new Error(
        `${name} disagrees on ${ticksA}/${crossesA} and ${ticksB}/${crossesB}: ${dominated}, we ${verdict}`
      )
  }
}

/** The whole process of a Python script over all ordered pairs, or over some, and then how long all would take at that rate. */
const reference = (name: string, ours: number, some: number | undefined) => {
  const python = process.env.LOSSLATTICE_PYTHON ?? "python3"
  const script = fileURLToPath(new URL(`reference/classify_${name}.py`, import.meta.url))
  if (spawnSync(python, ["-c", `import ${name}`]).status !== 0)
    return { name, measured: false, reason: `not measured: ${python} has no ${name}` }
  const begun = performance.now()
  const args = some === undefined ? [script] : [script, String(some)]
  const { status, stdout, stderr } = spawnSync(python, args, { encoding: "utf8", maxBuffer: 2 ** 26 })
  const seconds = (performance.now() - begun) / 1000
  if (status !== 0) throw new Error(`${script} ended with ${status}: ${stderr}`)
  const report = JSON.parse(stdout) as Reference
  if (report.distinctLosses !== 187) throw new Error(`${name} counts ${report.distinctLosses} losses, we 187`)
  checkVerdicts(name, report)
  const { verdicts: _, ...counts } = report
  const all = seconds + report.seconds.pairs * (report.pairs / report.examined - 1)
  return {
    name,
    measured: true,
    ...counts,
    seconds: { process: seconds, ...report.seconds },
    ...(report.examined < report.pairs ? { extrapolatedSeconds: all } : {}),
    timesFaster: all / ours,
    required: 50
  }
}

/** How many pairs the scripts examine: all unless `--reference-pairs` says how many. */
const referencePairs = (): number | undefined => {
  const at = process.argv.indexOf("--reference-pairs")
  if (at < 0) return undefined
  const value = Number(process.argv[at + 1])
  if (!Number.isInteger(value) || value < 1) throw new RangeError("--reference-pairs must be a positive integer")
  return value
}

// One run warms the compile cache.
landscape()
const two = timed(5, 5, "--pairs")
const three = timed(3, 10, "--propositions", "M(w),M(l),Ref(w)")
if (two.distinctLosses !== 187 || two.comparablePairs?.dominance !== 5364 || three.distinctLosses !== 63_475)
  throw new Error("the counts have changed")
// The first decisions are the compiler's.
decisions(200)

process.stdout.write(
  `${JSON.stringify(
    {
      bench: "landscape",
      machine: machine(),
      twoPropositionsAllPairs: two,
      threePropositions: three,
      neighbourhoodOfDpo: neighbourhood(),
      strictlyMonotoneOfFour: strictlyMonotoneOfFour(),
      fourPropositionsDecision: decisions(4000),
      slopesOfTwoPropositions: slopesOfTwo(),
      families: families.map(measured),
      references: ["z3", "sympy"].map((name) => reference(name, two.seconds.median, referencePairs()))
    },
    null,
    2
  )}\n`
)
