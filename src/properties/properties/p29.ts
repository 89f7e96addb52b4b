import type { Environment } from "../../bandit/environment.ts"
import { type Minimiser, populationMinimiser } from "../../bandit/minimiser.ts"
import { pairLossFamily } from "../../bandit/pairLoss.ts"
import { exactPairs } from "../../bandit/pairs.ts"
import { nashEquilibrium } from "../../bandit/solvers/nash.ts"
import { winsAgainst } from "../../bandit/solvers/winGame.ts"
import { compileKernel } from "../../loss/kernel.ts"
import type { Loss } from "../../loss/loss.ts"
import { atTemperature, gameOf, selfPlayEnvironment, temperatureName } from "../games.ts"
import { isGapLoss } from "../gapLoss.ts"
import { populationRows, type WinCase, winCases } from "../populationCase.ts"
import { type Check, needsReference, optimumTolerance, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"
import { probabilities } from "../weights.ts"

/** Rounds of self-play. */
const rounds = 64

/** The next policy of self-play: the loss's minimiser on pairs of the current policy, which is its reference too. */
const nextPolicy = (loss: Loss, game: Float64Array, environment: Environment): Minimiser => {
  const wins = winsAgainst(game, environment.reference)
  const fill = (batch: { readonly columns: Readonly<Record<string, Float64Array>> }, name: string, of: Int32Array) => {
    const column = batch.columns[name]!
    for (let i = 0; i < of.length; i++) column[i] = wins[of[i]!]!
  }
  const family = pairLossFamily(loss.spec, compileKernel(loss.program), {
    fillers: [
      {
        fill: (batch) => {
          for (const name of ["win_w", "win_l"]) batch.columns[name] ??= new Float64Array(batch.chosen.length)
          fill(batch, "win_w", batch.chosen)
          fill(batch, "win_l", batch.rejected)
        }
      }
    ]
  })
  return populationMinimiser(environment, family, exactPairs(environment), { maxIterations: 60 })
}

const startOf = (value: WinCase): Float64Array => Float64Array.from(probabilities(value.reference))

/** `rounds` policies of self-play and their average; undefined when a round has no minimum. */
const selfPlay = (subject: LossSubject, value: WinCase, step: number, count: number) => {
  const loss = atTemperature(subject.loss, temperatureName(subject.loss)!, 1 / step)
  const game = gameOf(value)
  let policy = startOf(value)
  const average = policy.map(() => 0)
  for (let round = 0; round < count; round++) {
    for (let y = 0; y < policy.length; y++) average[y]! += policy[y]! / count
    const next = nextPolicy(loss, game, selfPlayEnvironment(value, policy, policy))
    if (!next.attained) return undefined
    policy = next.policy
  }
  return { average, last: policy, game }
}

/** max_y P(y ≻ π) - 1/2. */
const dualityGap = (game: Float64Array, policy: Float64Array): number => Math.max(...winsAgainst(game, policy)) - 0.5

/** With step η, `log(1 / min ref) / (η T) + η / 8`, at the η that makes it least. */
const bound = (value: WinCase) => {
  const width = Math.log(1 / Math.min(...startOf(value)))
  const step = Math.sqrt((8 * width) / rounds)
  return { step, gap: width / (step * rounds) + step / 8 }
}

const averaged: Check<WinCase> = {
  mostRuns: 8,
  arbitrary: () => winCases({ flips: false }),
  predicate: (subject, value) => {
    const { step, gap } = bound(value)
    const played = selfPlay(subject, value, step, rounds)
    if (played === undefined) return { outside: "a round of self-play has no minimum" }
    const excess = dualityGap(played.game, played.average) - gap
    return { holds: excess <= optimumTolerance, margin: -excess }
  },
  describe: (subject, value) => {
    const { step, gap } = bound(value)
    const played = selfPlay(subject, value, step, rounds)
    const reached = played === undefined ? Number.NaN : dualityGap(played.game, played.average)
    return {
      arms: populationRows(
        { ...value, behaviour: value.reference },
        {
          "average policy": [...(played?.average ?? [])].map(numberText),
          "last policy": [...(played?.last ?? [])].map(numberText)
        }
      ),
      facts: {
        rounds,
        "step (1 / temperature)": step,
        bound: gap,
        "P(first beats later), tenths": value.wins.join(" ")
      },
      explanation:
        `After ${rounds} rounds some answer beats the average policy ${numberText(reached)} more often than half the time, above the bound ` +
        `${numberText(gap)} of multiplicative weights: this loss does not regress on win rates as they do.`
    }
  }
}

/** A step for the question of a single round: small, so that no round overshoots by itself. */
const smallStep = 1 / 4

const divergence = (from: ArrayLike<number>, to: ArrayLike<number>): number => {
  let total = 0
  for (let y = 0; y < from.length; y++) if (from[y]! > 0) total += from[y]! * Math.log(from[y]! / to[y]!)
  return total
}

const oneRound = (subject: LossSubject, value: WinCase) => {
  const played = selfPlay(subject, value, smallStep, 1)
  if (played === undefined) return undefined
  const nash = nashEquilibrium(played.game, value.reference.length).policy
  return { ...played, nash, before: divergence(nash, startOf(value)), after: divergence(nash, played.last) }
}

const approaching: Check<WinCase> = {
  mostRuns: 40,
  arbitrary: () => winCases({ flips: false }),
  predicate: (subject, value) => {
    const round = oneRound(subject, value)
    if (round === undefined) return { outside: "the round of self-play has no minimum" }
    const gain = round.before - round.after
    return { holds: gain >= -optimumTolerance, margin: gain }
  },
  describe: (subject, value) => {
    const round = oneRound(subject, value)
    return {
      arms: populationRows(
        { ...value, behaviour: value.reference },
        {
          Nash: [...(round?.nash ?? [])].map(numberText),
          "next policy": [...(round?.last ?? [])].map(numberText)
        }
      ),
      facts: {
        "KL from Nash before": round?.before ?? Number.NaN,
        "KL from Nash after": round?.after ?? Number.NaN,
        "step (1 / temperature)": smallStep,
        "P(first beats later), tenths": value.wins.join(" ")
      },
      explanation:
        "One round of self-play takes the policy further from the Nash equilibrium: around an equilibrium of several answers that beat each " +
        "other in a circle the last policy spirals outwards, and only the average of the rounds settles."
    }
  }
}

const regressesOnWins = (subject: LossSubject): true | string => {
  const { loss } = subject
  const reads = loss.inputs.includes("win_w") || loss.entry?.id === "sppo_hard"
  if (!reads && !(isGapLoss(subject) && loss.link.kind === "squared")) {
    return "the statement is about losses that regress log-ratios on win rates (SPPO, IPO)"
  }
  const reference = needsReference(subject)
  if (reference !== true) return reference
  if (loss.inputs.includes("s_w")) return "the loss reads rewards, which a game of win rates does not have"
  return temperatureName(loss) === undefined ? "the loss program has no parameter beta or tau" : true
}

const quantifiers =
  "for all preference matrices and policies to start from, on two or three answers; every round minimises the population loss on " +
  "pairs of the current policy, which is the reference too"

/** Exact for IPO, whose round is `π exp(P(y ≻ π) / tau)`, multiplicative weights with step 1 / tau; SPPO approximates it. */
export const p29: Property = {
  id: "P29",
  aliases: ["self-play-average"],
  title: "Self-play finds the equilibrium on average",
  statement:
    "After T rounds of self-play no answer beats the average policy more than log(1 / min ref) / (eta T) + eta / 8 above half the time, " +
    "eta the inverse temperature: O(1 / sqrt T) at the best eta.",
  quantifiers: `${quantifiers}; T = ${rounds} at the best eta`,
  source: "docs/experiments.md P29, E7; arXiv 2405.00675, Theorem 4.1; Freund and Schapire 1999",
  appliesTo: regressesOnWins,
  check: averaged
}

/** The other half of P29: false of every loss that regresses on win rates, with an equilibrium of three answers. */
export const lastIterate: Property = {
  id: "last-iterate",
  aliases: ["self-play-last"],
  title: "Every round of self-play comes closer to the equilibrium",
  statement: "One round of self-play never takes the policy further from the Nash equilibrium, in KL(Nash ‖ policy).",
  quantifiers: `${quantifiers}; one round at temperature 4`,
  source: "docs/experiments.md P29, E7",
  appliesTo: regressesOnWins,
  check: approaching
}
