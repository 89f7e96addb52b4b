/** @file The terms of a report, one sentence each, and which of them a study needs. */
import type { RecordName, Records } from "../figures/records.ts"

/** A term, its sentence, and the record whose presence makes it needed (none: always). */
interface Term {
  readonly term: string
  readonly meaning: string
  readonly needs?: RecordName
}

const terms: readonly Term[] = [
  {
    term: "Preference pair",
    meaning:
      "Two responses to one prompt of which people (or a judge) prefer one: the winner w, also “chosen”, over the loser l, “rejected”."
  },
  {
    term: "Preference loss",
    meaning:
      "A function of the log-probabilities that a model gives to winner and loser; training changes the model so that it falls."
  },
  {
    term: "Proposition M(y)",
    meaning:
      "“The model deems response y valid”; it is true with the probability p_y that the model gives to y. Ref(y) says the same of the reference model."
  },
  {
    term: "Structure",
    meaning:
      "A loss as logic: for every row of the truth table over M(w) and M(l), whether it counts for the winner side (tick), the loser side (cross), both or neither."
  },
  {
    term: "Core, given, both",
    meaning:
      "The same structure as formulas: what should hold, which rows count at all, and which rows count on both sides."
  },
  {
    term: "ρ (rho)",
    meaning:
      "The logarithm of the ratio of the two sides' probabilities; the loss is a link function, usually logistic, of β ρ minus a margin."
  },
  {
    term: "Reference model",
    meaning: "The fixed model from which training starts and to which some losses compare."
  },
  {
    term: "Entailment",
    meaning:
      "A loss entails another when its ticks are among the other's and the other's crosses among its own; then it is never smaller, whatever the probabilities.",
    needs: "landscape"
  },
  {
    term: "Behaviour class",
    meaning:
      "What a loss does with the row in which both responses are invalid (FF): cross only, neither, both, or tick only.",
    needs: "landscape"
  },
  {
    term: "Proved, held, refuted",
    meaning:
      "Proved: decided exactly for all probabilities. Held: no counterexample in the stated number of random cases, which is no proof. Refuted: a counterexample is shown.",
    needs: "validate"
  },
  {
    term: "Bandit",
    meaning:
      "The smallest world in which a policy can be trained from preferences: a table of arms (responses) with known rewards, so that every outcome is computed exactly.",
    needs: "bandit"
  },
  {
    term: "KL divergence",
    meaning: "How far a policy has moved from the reference, in nats (natural logarithms): 0 means not at all."
  },
  {
    term: "Regret",
    meaning: "How much a policy falls short of the best trade-off between reward and KL divergence.",
    needs: "bandit"
  },
  {
    term: "R² within seeds",
    meaning:
      "The share of an outcome's variance between runs of the same seed, which share their world and data, that a regression accounts for.",
    needs: "regression"
  },
  {
    term: "Displacement",
    meaning:
      "The loss falls and yet the log-probability of the chosen responses falls too: the probability goes to responses that nobody preferred."
  },
  {
    term: "Gold reward",
    meaning: "The score that judges what a finetuned model writes; training sees only preferences, never this score.",
    needs: "finetune"
  },
  {
    term: "95 % interval; resolved",
    meaning:
      "Over repeated seeds the mean lies in such intervals 95 times out of 100; a difference whose interval covers zero is called not resolved: the runs do not tell whether there is one."
  }
]

/** The terms that a study with these records uses, in reading order. */
export const glossary = (records: Records): readonly { readonly term: string; readonly meaning: string }[] =>
  terms.filter(({ needs }) => needs === undefined || records[needs].length > 0)
