/** The text of docs/findings.md, every number cited from a command's answer. */
import { type Answers, type Citer, type Json, makeCiter } from "./cite.ts"
import { commandLine, commands } from "./commands.ts"
import { paretoSection } from "./pareto.ts"
import { predictorsSection } from "./predictors.ts"

type Row = Readonly<Record<string, Json>>

const rowsOf = (value: Json): ReadonlyArray<Row> => value as unknown as ReadonlyArray<Row>

const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")

const code = (text: Json | undefined): string => `\`${String(text ?? "")}\``

const counts = ({ cite }: Citer): string => {
  const columns = ["one", "two", "three", "four"] as const
  const line = (label: string, place: string, among: ReadonlyArray<string> = columns): ReadonlyArray<string> => [
    label,
    ...columns.map((column) => (among.includes(column) ? cite(column, place) : ""))
  ]
  const last = (label: string, place: string, four: string): ReadonlyArray<string> => [
    ...line(label, place, ["one", "two", "three"]).slice(0, 4),
    four
  ]
  return table(
    ["over", "M(w)", "M(w), M(l)", "M(w), M(l), Ref(w)", "M(w), M(l), Ref(w), Ref(l)"],
    [
      line("structures", "/structures"),
      line("with ticks and crosses", "/nonDegenerate"),
      line("distinct losses", "/distinctLossesClosedForm"),
      last("monotone losses", "/monotone", cite("four-monotone", "/count")),
      last("strictly monotone", "/strictlyMonotone", cite("four-strict", "/count")),
      [
        "strictly monotone and swap-antisymmetric",
        "",
        cite("two", "/swapAntisymmetricStrictlyMonotone"),
        "",
        cite("four", "/swapAntisymmetricStrictlyMonotone")
      ],
      line("admissible structures", "/admissible", ["two", "three", "four"])
    ]
  )
}

const order = ({ cite }: Citer): string => {
  const line = (label: string, place: string): ReadonlyArray<string> => [
    label,
    ...["order-all", "order-strict", "order-sixteen"].map((command) => cite(command, place))
  ]
  return table(
    ["ordered pairs", "all losses", "strictly monotone", "the sixteen"],
    [
      line("losses", "/losses#"),
      line("by dominance", "/pairs/dominance"),
      line("by entailment of some structures", "/pairs/entailment"),
      line("by entailment, also by way of others", "/pairs/entailed"),
      line("by dominance alone", "/pairs/finer"),
      line("on policies, p_w + p_l <= 1", "/pairs/onSimplex"),
      line("undecided", "/pairs/undecided"),
      line("covers", "/covers#"),
      line("covers beyond entailment", "/covers[kind=dominance only]#"),
      line("longest chain", "/height"),
      line("largest antichain", "/width")
    ]
  )
}

const yes = (verdict: Json | undefined): string => (verdict === "proved" ? "yes" : verdict === "refuted" ? "" : "?")

const verdictsOf = (row: Row): Row => row.properties as unknown as Row

const strictTable = ({ value }: Citer): string =>
  table(
    ["loss", "rows", "antisymmetric", "chosen-safe", "rejected-safe", "both rejected", "published as"],
    rowsOf(value("strict", "/candidates")).map((row) => {
      const verdicts = verdictsOf(row)
      return [
        String(row.name),
        code(row.loss),
        yes(verdicts["swap-antisymmetric"]),
        yes(verdicts["chosen-safe"]),
        yes(verdicts["rejected-safe"]),
        String(row.vanishing),
        (row.sameLossAs as ReadonlyArray<string>).join(", ")
      ]
    })
  )

const classes = ({ value, cite }: Citer): string =>
  table(
    [
      "both answers rejected is",
      "limit of rho as both vanish",
      "strictly monotone losses",
      "chosen-safe",
      "of the sixteen"
    ],
    (
      [
        ["cross only", "log p_w: pulls the chosen answer up"],
        ["neither", "log p_w/p_l: keeps the ratio"],
        ["both", "0: no signal"],
        ["tick only", "-log p_l: giving up both answers pays"]
      ] as const
    ).map(([kind, limit]) => {
      const members = rowsOf(value("strict", "/candidates")).filter((row) => row.vanishing === kind)
      return [
        kind,
        limit,
        cite("strict", `/candidates[vanishing=${kind}]#`),
        cite("strict", `/candidates[vanishing=${kind}][properties.chosen-safe=proved]#`),
        members.flatMap((row) => (row.latticeName === undefined ? [] : [String(row.latticeName)])).join(", ")
      ]
    })
  )

const derived = (citer: Citer, command: string): string =>
  table(
    ["loss", "rows", "what it does"],
    rowsOf(citer.value(command, "/candidates")).map((row) => [String(row.name), code(row.loss), String(row.sentence)])
  )

const twins = ({ value }: Citer): string =>
  table(
    ["twin of", "ratio over the reference", "published as", "chosen-safe", "rejected-safe", "level-invariant"],
    rowsOf(value("twins", "/twins")).map((row) => {
      const ratio = row.relative as unknown as Row
      const published = [
        ...new Set(
          rowsOf(row.published ?? [])
            .filter(({ role }) => role === "whole")
            .map(({ id, condition }) => (condition === "" ? String(id) : `${id} (${condition})`))
        )
      ]
      const both = (name: string): string => {
        const { absolute, relative } = (row.properties as unknown as Readonly<Record<string, Row>>)[
          name
        ]! as unknown as {
          readonly absolute: Row
          readonly relative: Row
        }
        const [a, b] = [yes(absolute.verdict) || "no", yes(relative.verdict) || "no"]
        return a === b ? a : `${a}, twin ${b}`
      }
      const shown = published.length > 3 ? [...published.slice(0, 3), `${published.length - 3} more`] : published
      return [
        String(row.name),
        code(`(${ratio.numerator}) / (${ratio.denominator})`),
        shown.join(", "),
        both("chosen-safe"),
        both("rejected-safe"),
        both("level-invariant")
      ]
    })
  )

const ratios = ({ value }: Citer): string =>
  table(
    ["core ratio", "probabilities", "names"],
    rowsOf(value("names", "/ratioClasses"))
      .filter(({ names }) => (names as ReadonlyArray<string>).length > 1)
      .map((row) => [code(row.structure), String(row.probabilities), (row.names as ReadonlyArray<string>).join(", ")])
  )

const sources = (): string =>
  Object.entries(commands)
    .map(([name, command]) => `- <a id="${name}"></a>${name}: ${code(commandLine(command))}`)
    .join("\n")

/** The page from the answers of all commands. @throws RangeError when an answer lacks what the page cites */
export const findingsPage = (answers: Answers): string => {
  const citer = makeCiter(answers)
  const { cite } = citer
  return `# Findings

What the landscape of preference losses looks like, exactly. Every number links to the command that computes it (listed at the
end); \`npm run findings\` runs them all and writes this page. "Exactly" means: proved with a certificate that a separate checker
verifies, or refuted with a rational witness; nothing here is sampled but where a section says so.

## How many losses there are

${counts(citer)}

A structure says for each truth assignment whether it counts for the chosen answer, for the rejected one, both or neither; two
structures are one loss when their core ratios are equal. Over DPO's four propositions there are
${cite("four", "/distinctLossesClosedForm")} losses, and the strictly monotone ones among them can be counted: the search prunes
with conditions on faces of the truth table. ${cite("four-fair", "/count")} of them treat the two answers alike.

## The true order is finer than entailment

${order(citer)}

A loss dominates another when its core ratio is nowhere larger, so that its value is nowhere smaller. Entailment, row by row, is
enough for that; it is not necessary, and between classes of equal losses it is not even transitive until it is closed. Among the
sixteen published lattice losses the two orders agree.

![The dominance order of the strictly monotone losses](findings/dominance-order.svg)

![All pairs of losses over two predictions](findings/dominance-matrix.svg)

## Strictly monotone losses over a pair

Of the ${cite("strict", "/candidates#")} strictly monotone losses, ${cite("strict", "/candidates[properties.swap-antisymmetric=proved]#")} are
swap-antisymmetric (they treat the two answers alike), ${cite("strict", "/candidates[properties.chosen-safe=proved]#")} never push the chosen
answer down on a tabular softmax, and ${cite("strict", "/candidates[properties.rejected-safe=proved]#")} never push the rejected one up.

${strictTable(citer)}

## Four behaviours, and what decides them

As both probabilities vanish at a fixed ratio, a loss does one of four things, and one row decides which: the row in which both
answers are rejected.

${classes(citer)}

## Losses that no paper has

${cite("novel", "/candidates#")} strictly monotone losses over a pair are not published:

${derived(citer, "novel")}

${cite("novel-safe", "/candidates#")} of them are safe for both answers and have an unbounded ratio: ${rowsOf(
    citer.value("novel-safe", "/candidates")
  )
    .map(({ name }) => String(name))
    .join(", ")}. None that is swap-antisymmetric is left: the search is exhaustive and finds
${cite("novel-fair", "/candidates#")}, because all ${cite("novel-fair", "/report/known#")} that there are have been published
(${rowsOf(citer.value("novel-fair", "/report/known"))
    .map(({ loss }) => String(loss))
    .join(
      ", "
    )}). With rows that may weigh 1 or 2, ${cite("novel-weighted", "/candidates#")} unpublished admissible losses are safe for both answers.

With a reference the picture changes: ${cite("four", "/swapAntisymmetricStrictlyMonotone")} losses over DPO's propositions are strictly
monotone and swap-antisymmetric. Within three row marks of DPO there are ${cite("near-dpo", "/found")} structures, of which
${cite("near-dpo", "/losses[properties.strictly-monotone=proved]#")} are strictly monotone and
${cite("near-dpo", "/losses[properties.chosen-safe=proved]#")} chosen-safe; ${cite("near-dpo-fair", "/found")}, DPO among them, are strictly
monotone, swap-antisymmetric and safe for both answers.

${paretoSection(citer)}

${predictorsSection}

## The relative landscape

Read relatively ("the policy prefers this answer more than the reference does"), every count and order above carries over, for odds
p/r fill the same orthant. What a gradient step does to a policy does not: of the monotone losses
${cite("relative", "/decidedAnew[property=chosen-safe]/0/absolute")} are chosen-safe in the absolute reading and
${cite("relative", "/decidedAnew[property=chosen-safe]/0/relative")} in the relative one.

${twins(citer)}

## Names

${cite("names", "/names#")} names (ids, aliases and trainers' names) stand for ${cite("names", "/lossClasses#")} different losses with
${cite("names", "/ratioClasses#")} different core ratios; the others are no single ratio. Names in one row share the core ratio and differ in
link, scale or margin at most:

${ratios(citer)}

The same name is not always the same loss: \`trl.ipo\` and \`openrlhf.ipo\` have one ratio and one link, but one averages over tokens
and the other sums. At ${rowsOf([citer.value("ipo", "/programs/difference/inputs")])
    .flatMap((inputs) => Object.entries(inputs).map(([name, value]) => `${name} = ${String(value)}`))
    .join(", ")} their gradients by the rejected log-probability are ${cite("ipo", "/programs/difference/a/dll")} and
${cite("ipo", "/programs/difference/b/dll")}.

## How far apart losses are

The angle between the steps that two losses ask for, averaged over policies, groups the published losses by what they do and not by
what their formulas look like: the behaviour classes are far apart, and losses of many shapes ask for the very same steps as DPO.
The numbers are in the records of \`npx losslattice run configs/maps.yaml\`.

![Dendrogram of the published losses by the mean angle between their steps](findings/loss-dendrogram.svg)

![The same distances in the plane](findings/loss-embedding.svg)

## Commands

${sources()}
`
}
