/** @file How a study was set up, as sentences made from its configuration: what the names in a report's findings stand for. */
import { environments } from "../../bandit/environments/registry.ts"
import type { BanditStudy } from "../banditStudy.ts"
import { seedPhrase } from "../figures/drawing/intervals.ts"
import type { FinetuneConfig } from "../finetuneStudy.ts"
import type { ExperimentConfig } from "../schema.ts"

/** A name that occurs in the findings, and what stands behind it. */
export interface Setup {
  readonly name: string
  readonly meaning: string
}

const amount = (value: number): string => value.toLocaleString("en-US")
const seedsOf = (seeds: readonly number[]): string => seedPhrase(seeds.map((seed) => ({ seed })))
const shown = (value: unknown): string => (typeof value === "object" ? JSON.stringify(value) : String(value))

/** Settings as "arms 8, reference normal"; the kind is said by itself. */
const settings = (given: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(given)
    .filter(([key]) => key !== "kind")
    .map(([key, value]) => `${key} ${shown(value)}`)

type Data = BanditStudy["data"]

const dataText = (data: Data): string => {
  const { mode: _, pairs: __, ...rest } = data as Data & { readonly pairs?: number }
  const drawn = data.mode === "sampled" ? `${amount(data.pairs)} sampled pairs` : "exact expectation over all pairs"
  return [drawn, ...settings(rest)].join(", ")
}

/** "Labels turned at random, rate 0.2, around: …" for a wrapper. */
const environmentText = (spec: BanditStudy["environment"]): string => {
  const { title } = environments[spec.kind]
  if (!("of" in spec)) return [title, ...settings(spec)].join(", ")
  const { of, ...own } = spec
  return `${[title, ...settings(own)].join(", ")}, around: ${environmentText(of)}`
}

const optimiserNames = { adam: "Adam", gd: "gradient descent" } as const

const banditText = (study: BanditStudy, seeds: readonly number[]): string => {
  const { kind, learningRate, ...rest } = study.optimizer
  const training = [`${optimiserNames[kind]} at ${learningRate}`, ...settings(rest), `${amount(study.steps)} updates`]
  const sweep = Object.entries(study.sweep ?? {}).map(([key, values]) => `${key} from ${values.map(shown).join(", ")}`)
  const weights = [study.ceWeight].flat()
  return [
    environmentText(study.environment),
    dataText(study.data),
    ...(study.regime === undefined ? [] : [[`regime ${study.regime.kind}`, ...settings(study.regime)].join(", ")]),
    ...(study.policy === undefined ? [] : [[`${study.policy.kind} policy`, ...settings(study.policy)].join(", ")]),
    training.join(", "),
    ...(weights.length > 1 ? [`each with cross-entropy weights ${weights.join(" and ")}`] : []),
    ...sweep,
    seedsOf(study.seeds ?? seeds)
  ].join("; ")
}

const finetuneText = (config: FinetuneConfig, seeds: readonly number[]): string => {
  const { data } = config
  return [
    `reference model ${config.model}`,
    `pairs from ${amount(data.trainingPrompts)} prompts with ${data.completionsPerPrompt} sampled answers each, ordered by the gold reward`,
    `${amount(config.steps)} updates of ${config.batchSize} pairs, Adam at ${config.learningRate}`,
    `log-probabilities on pairs of ${data.heldOutPrompts} held-out prompts, gold reward and KL on ${data.evaluationPrompts} of them`,
    seedsOf(config.seeds ?? seeds)
  ].join("; ")
}

type Query = NonNullable<ExperimentConfig["derive"]>["queries"][number]

const queryText = ({ propositions, require, forbid, exclude, admissible, rankBy }: Query): string =>
  [
    `${admissible ? "admissible structures" : "structures"} over ${propositions.join(", ")}`,
    ...(require.length === 0 ? [] : [`required: ${require.join(", ")}`]),
    ...(forbid.length === 0 ? [] : [`forbidden: ${forbid.join(", ")}`]),
    ...(exclude.length === 0 ? [] : [`left out: ${exclude.join(", ")}`]),
    `ranked by ${typeof rankBy === "string" ? rankBy : "pareto" in rankBy ? "several bandit outcomes" : "bandit outcome"}`
  ].join("; ")

/** What the queries, bandits and finetuning of a study are, in the order of its stages; nothing for a stage it has not. */
export const setupOf = (config: ExperimentConfig): readonly Setup[] => [
  ...(config.derive?.queries ?? []).map((query) => ({ name: `Query “${query.name}”`, meaning: queryText(query) })),
  ...Object.entries(config.bandit?.studies ?? {}).map(([name, study]) => ({
    name: `Environment “${name}”`,
    meaning: banditText(study, config.seeds)
  })),
  ...(config.finetune === undefined
    ? []
    : [{ name: "Finetuning", meaning: finetuneText(config.finetune, config.seeds) }])
]
