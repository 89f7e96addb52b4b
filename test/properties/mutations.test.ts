/**
 * Planted errors: a loss written as a formula with one thing wrong is told from the right one by verdicts, at the default budget.
 * The right formula, which is all a program says, is told from nothing.
 */
import { describe, expect, it } from "vitest"
import { expectationsText, ownNumbers } from "../../src/cli/validation/expectations.ts"
import type { Loss } from "../../src/loss/loss.ts"
import { bareLoss } from "../../src/properties/bare.ts"
import { properties } from "../../src/properties/registry.ts"
import { subjectOf } from "../../src/properties/subject.ts"
import type { PropertyResult } from "../../src/properties/verdict.ts"
import { lossOf, swappedPair, verdictsOf, wrongSign } from "../arbitraries/properties.ts"

const names = properties.filter(({ onRequest }) => onRequest !== true).map(({ id }) => id)

const resultsOf = (loss: Loss, asked: ReadonlyArray<string>): ReadonlyArray<PropertyResult> =>
  verdictsOf(loss, asked, 0).results

/** What `validate SPEC --write-expect` writes. */
const expectationsOf = (loss: Loss): Readonly<Record<string, string>> => {
  const asked = [...names, ...ownNumbers(loss)]
  return JSON.parse(expectationsText(resultsOf(loss, asked), resultsOf(bareLoss(loss), asked)))
}

const plain = (verdict: string): string => (verdict === "proved" ? "held" : verdict)

/** The properties whose verdict is not the intended loss's. */
const changed = (loss: Loss, expected: Readonly<Record<string, string>>): ReadonlyArray<PropertyResult> =>
  resultsOf(loss, Object.keys(expected)).filter(({ id, verdict }) => plain(verdict) !== expected[id])

/** Refuted by a bandit of one to three arms. */
const caughtOnFewArms = (results: ReadonlyArray<PropertyResult>): ReadonlyArray<PropertyResult> =>
  results.filter(({ verdict, counterexample }) => {
    const arms = counterexample?.arms.length ?? 0
    return verdict === "refuted" && arms >= 1 && arms <= 3
  })

const gap = "((lw-rw)-(ll-rl))"
const mirrored = "((ll-rl)-(lw-rw))"
const bare = "(lw-ll)"
const rewards = "(s_w-s_l)"

interface Mutations {
  /** The loss that is meant, and a formula that is it. */
  readonly intended: string
  readonly right: string
  /** Sign error, swapped pair, dropped reference. */
  readonly wrong: Readonly<Record<string, string>>
  /** Wrong beta, wrong normalisation. */
  readonly off: Readonly<Record<string, string>>
}

const copg = (margin: string, sign = "-", beta = "0.1"): string =>
  `expr:-((${rewards} ${sign} ${beta}/2*${margin})*${margin})`

const table: ReadonlyArray<Mutations> = [
  {
    intended: "dpo",
    right: `expr:softplus(-0.1*${gap})`,
    wrong: {
      "sign error": `expr:softplus(0.1*${gap})`,
      "swapped pair": `expr:softplus(-0.1*${mirrored})`,
      "dropped reference": `expr:softplus(-0.1*${bare})`
    },
    off: {
      "beta doubled": `expr:softplus(-0.2*${gap})`,
      "a tenth of beta": `expr:softplus(-0.01*${gap})`,
      "per token": "expr:softplus(-0.1*((lw-rw)/nw-(ll-rl)/nl))"
    }
  },
  {
    intended: "ipo",
    right: `expr:(${gap} - 1/(2*0.1))^2`,
    wrong: {
      "sign error": `expr:(${gap} + 1/(2*0.1))^2`,
      "swapped pair": `expr:(${mirrored} - 1/(2*0.1))^2`,
      "dropped reference": `expr:(${bare} - 1/(2*0.1))^2`
    },
    off: {
      "tau doubled": `expr:(${gap} - 1/(2*0.2))^2`,
      "target twice too far": `expr:(${gap} - 1/0.1)^2`,
      "per token": "expr:((lw-rw)/nw-(ll-rl)/nl - 1/(2*0.1))^2"
    }
  },
  {
    intended: "hinge",
    right: `expr:max(0, 1 - 0.05*${gap})`,
    wrong: {
      "sign error": `expr:max(0, 1 + 0.05*${gap})`,
      "swapped pair": `expr:max(0, 1 - 0.05*${mirrored})`,
      "dropped reference": `expr:max(0, 1 - 0.05*${bare})`
    },
    off: {
      "beta doubled": `expr:max(0, 1 - 0.1*${gap})`,
      "per token": "expr:max(0, 1 - 0.05*((lw-rw)/nw-(ll-rl)/nl))"
    }
  },
  {
    intended: "simpo",
    right: "expr:softplus(0.5 - 2*(lw/nw-ll/nl))",
    wrong: {
      "sign error": "expr:softplus(0.5 + 2*(lw/nw-ll/nl))",
      "swapped pair": "expr:softplus(0.5 - 2*(ll/nl-lw/nw))"
    },
    off: {
      "beta doubled": "expr:softplus(0.5 - 4*(lw/nw-ll/nl))",
      "margin with the wrong sign": "expr:softplus(-0.5 - 2*(lw/nw-ll/nl))",
      "sums for means": "expr:softplus(0.5 - 2*(lw-ll))",
      "the other answer's length": "expr:softplus(0.5 - 2*(lw/nl-ll/nw))"
    }
  },
  {
    intended: "copg",
    right: copg(gap),
    wrong: {
      "sign error": copg(gap, "+"),
      "swapped pair": copg(mirrored),
      "dropped reference": copg(bare)
    },
    off: {
      "beta doubled": copg(gap, "-", "0.2"),
      "per token": copg("((lw-rw)/nw-(ll-rl)/nl)")
    }
  },
  {
    intended: "cpo_core",
    right: "expr:softplus(-(lw-ll))",
    wrong: { "sign error": "expr:softplus(lw-ll)", "swapped pair": "expr:softplus(-(ll-lw))" },
    off: { "beta halved": "expr:softplus(-0.5*(lw-ll))", "per token": "expr:softplus(-(lw/nw-ll/nl))" }
  },
  {
    intended: "orpo_seq",
    right: "expr:softplus(-((lw-log1mexp(lw))-(ll-log1mexp(ll))))",
    wrong: {
      "sign error": "expr:softplus((lw-log1mexp(lw))-(ll-log1mexp(ll)))",
      "swapped pair": "expr:softplus(-((ll-log1mexp(ll))-(lw-log1mexp(lw))))"
    },
    off: { "beta doubled": "expr:softplus(-2*((lw-log1mexp(lw))-(ll-log1mexp(ll))))" }
  }
]

describe.each(table)("$intended", ({ intended, right, wrong, off }) => {
  const expected = expectationsOf(lossOf(intended))

  it("is met by itself and by a formula that computes the same", () => {
    expect(changed(lossOf(intended), expected)).toEqual([])
    expect(changed(lossOf(right), expected).map(({ id, verdict }) => `${id} ${verdict}`)).toEqual([])
  })

  it.each(Object.entries(wrong))("%s: caught by a counterexample of at most three arms", (_, spec) => {
    expect(caughtOnFewArms(changed(lossOf(spec), expected)).length).toBeGreaterThan(0)
  })

  it.each(Object.entries(off))("%s: at least one other verdict", (_, spec) => {
    expect(changed(lossOf(spec), expected).length).toBeGreaterThan(0)
  })
})

describe.each(["uncpo", "ccpo", "ce_odds", "l14", "cfunl"])("%s, a loss of the lattice", (spec) => {
  const loss = lossOf(spec)
  const expected = expectationsOf(loss)
  it.each([
    ["wrong sign", wrongSign(loss)],
    ["swapped pair", swappedPair(loss)]
  ])("with a %s in its program is caught on at most three arms", (_, mutant) => {
    expect(caughtOnFewArms(changed(mutant, expected)).length).toBeGreaterThan(0)
  })
})

describe("the temperature of a formula that names none", () => {
  it.each([
    ["dpo", 0.1],
    ["dpo?beta=2", 2],
    ["dpo?beta=0.003", 0.003],
    ["ipo?tau=0.4", 0.4],
    ["copg?beta=0.1", 0.1],
    ["copg?beta=3", 3]
  ])("is that of %s", (spec, temperature) => {
    expect(subjectOf(bareLoss(lossOf(spec))).temperature).toBeCloseTo(temperature, 7)
  })

  it("is 1 where its slope says nothing", () => {
    expect(subjectOf(lossOf(`expr:max(0, 1 - 0.3*${gap})`)).temperature).toBe(1)
  })
})
