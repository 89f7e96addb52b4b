/** The part of docs/findings.md about derived losses that were ranked by what they do on bandits. */
import type { Citer, Json } from "./cite.ts"

interface Outcome {
  readonly metric: string
  readonly environment: string
  readonly kl: number
  readonly mean: number
  readonly low: number
  readonly high: number
}

interface Candidate {
  readonly name: string
  readonly loss: string
  readonly vanishing: string
  readonly sameLossAs: ReadonlyArray<string>
  readonly latticeName?: string
  readonly pareto: { readonly front?: number; readonly outcomes: ReadonlyArray<Outcome> }
}

const candidates = ({ value }: Citer, command: string): ReadonlyArray<Candidate> =>
  value(command, "/candidates") as unknown as ReadonlyArray<Candidate>

const titles: Readonly<Record<string, string>> = {
  rankingAccuracy: "ranking accuracy",
  unseenMassChange: "change of unseen mass",
  expectedReward: "reward"
}

const interval = ({ mean, low, high }: Outcome): string =>
  `${mean.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`.replaceAll("-", "−")

/** Published names; a twin's own name in the other reading is none. */
const published = ({ sameLossAs }: Candidate): string =>
  sameLossAs.filter((name) => !name.includes("semantics=relative")).join(", ")

/** The first front, a row a loss. */
const frontTable = (citer: Citer, command: string): string => {
  const first = candidates(citer, command).filter(({ pareto }) => pareto.front === 1)
  const head = (first[0]?.pareto.outcomes ?? []).map(
    ({ metric, environment, kl }) => `${titles[metric] ?? metric}, ${environment} at KL ${kl}`
  )
  const lines = first.map((one) => [
    one.name,
    `\`${one.loss}\``,
    one.vanishing,
    ...one.pareto.outcomes.map(interval),
    published(one)
  ])
  return [
    ["loss", "to type", "both rejected", ...head, "published as"],
    ["---", "---", "---", ...head.map(() => "---"), "---"],
    ...lines
  ]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n")
}

/** Unpublished losses of the first front, by name. */
const unpublished = (citer: Citer, command: string): string =>
  candidates(citer, command)
    .filter((one) => one.pareto.front === 1 && published(one) === "")
    .map(({ name }) => name)
    .join(", ")

const setting = (citer: Citer, key: string): Json => citer.value("pareto", `/query/rankBy/${key}`)

/** The section. */
export const paretoSection = (citer: Citer): string => {
  const { cite } = citer
  const seeds = (setting(citer, "seeds") as ReadonlyArray<number>).length
  return `## The best of them on bandits

This section is sampled: ${seeds} seeds, Student's 95 % intervals. Each of the ${cite("pareto", "/report/found")} strictly monotone losses was
trained on two bandits and looked at where it first comes as far from the reference as every other. One loss beats another when its
means are at least as good in all outcomes and an interval of one difference, paired by seed, leaves zero out; comparisons are not
corrected for their number. The first front holds what nothing beats: ${cite("pareto", "/candidates[pareto.front=1]#")} losses read
absolutely and ${cite("pareto-relative", "/candidates[pareto.front=1]#")} read relatively.

${frontTable(citer, "pareto")}

${frontTable(citer, "pareto-relative")}

Unpublished among them are ${unpublished(citer, "pareto")}; and of the relative ones ${unpublished(citer, "pareto-relative")}. They lie
beside the published ones of the front, not above them: no unpublished loss beats all published ones. Losses that do not come as far
from the reference in every seed have no front: most of those that count "both rejected" against, which stop before.`
}
