/** What an audit prints: the document of `--json` and the page for people. */
import type { AuditReport, Disagreement } from "./audit.ts"
import type { Source } from "./protocol.ts"

const sourceText = (source: Source): string =>
  "input" in source ? source.input : "param" in source ? source.param : JSON.stringify(source.constant)

const disagreementDocument = ({ call, numbers, error }: Disagreement) => ({
  family: call.family,
  dtype: call.dtype,
  params: call.params,
  pairs: call.rows,
  ...(error === undefined ? {} : { error }),
  numbers: numbers.map(({ row, quantity, observed, expected }) => ({ pair: row, quantity, observed, expected }))
})

/** The document: docs/audit.md says what its keys mean. */
export const auditDocument = (target: string, report: AuditReport) => ({
  target,
  against: report.loss.spec,
  agrees: report.agrees,
  numbers: { agree: report.met, of: report.of },
  calls: report.calls,
  arguments: Object.fromEntries(
    Object.entries(report.resolved.sources).map(([name, source]) => [name, sourceText(source)])
  ),
  left_at_default: report.info.kind === "trainer" ? [] : report.resolved.left,
  ...(report.smallest === undefined ? {} : { smallest: disagreementDocument(report.smallest) }),
  causes: report.causes.map(({ id, says, evidence }) => ({ id, says, explains: evidence.met, of: evidence.of })),
  versions: { torch: report.info.torch, ...(report.info.trl === undefined ? {} : { trl: report.info.trl }) },
  ...(report.info.note ? { note: report.info.note } : {})
})

const short = (x: number): string => (Number.isFinite(x) ? String(Number(x.toPrecision(10))) : String(x))

/** Inputs that the loss has, or that some argument is made from. */
const usedInputs = ({ loss, resolved, info }: AuditReport): ReadonlySet<string> => {
  const meanings = Object.values(resolved.sources).flatMap((source) => ("input" in source ? [source.input] : []))
  const byTokens = info.kind === "trainer" || meanings.some((text) => /\(|^batch$/.test(text))
  return new Set([
    "lw",
    "ll",
    ...loss.inputs,
    ...meanings.flatMap((text) => text.match(/[a-z][a-z_0-9]*/g) ?? []),
    ...(byTokens ? ["rw", "rl", "nw", "nl"] : [])
  ])
}

const smallestLines = (report: AuditReport, { call, numbers, error }: Disagreement): ReadonlyArray<string> => {
  const used = usedInputs(report)
  const pairs = call.rows.map((row) =>
    Object.entries(row)
      .filter(([name]) => used.has(name))
      .map(([name, x]) => `${name} = ${short(x)}`)
      .join(", ")
  )
  const params = Object.entries(call.params).map(([name, x]) => `${name} = ${short(x)}`)
  const size = call.rows.length === 1 ? "one pair" : `a batch of ${call.rows.length}`
  return [
    `smallest disagreement (${size}, ${call.dtype}${call.family === "simple" ? "" : `; ${call.family}`})`,
    ...pairs.map((text) => `  ${text}`),
    ...(params.length === 0 ? [] : [`  ${params.join(", ")}`]),
    ...(error === undefined ? [] : [`  raises ${error}`]),
    ...numbers
      .slice(0, 6)
      .map(
        ({ row, quantity, observed, expected }) =>
          `  ${quantity}${call.rows.length > 1 && quantity !== "loss" ? ` of pair ${row + 1}` : ""}: ${short(observed)}, should be ${short(expected)}`
      )
  ]
}

/** The page: what was called how, the verdict, the smallest disagreement, likely causes. */
export const auditLines = (target: string, report: AuditReport): ReadonlyArray<string> => {
  const { loss, resolved, agrees, met, of, calls, causes, smallest, info } = report
  const params = Object.entries(loss.program.params).map(([name, x]) => `${name} = ${short(x)}`)
  const passed = Object.entries(resolved.sources).map(([name, source]) => `${name} = ${sourceText(source)}`)
  const fixed = Object.keys(loss.program.params).filter((name) => resolved.passed[name] === undefined)
  const left = info.kind === "trainer" ? [] : resolved.left
  return [
    `${target} against ${loss.spec}${params.length === 0 ? "" : ` (${params.join(", ")})`}: ${agrees ? "agrees" : "DISAGREES"}`,
    `${met} of ${of} numbers agree (losses and gradients, ${calls} calls)`,
    ...(passed.length === 0 ? [] : [`arguments: ${passed.join(", ")}`]),
    ...(left.length === 0 ? [] : [`left at their defaults: ${left.join(", ")}`]),
    ...(fixed.length === 0 || fixed.every((name) => loss.program.params[name] === 0)
      ? []
      : [`no argument takes ${fixed.join(", ")}: the code must have the value inside`]),
    ...(info.note ? [`note: ${info.note}`] : []),
    ...(smallest === undefined ? [] : ["", ...smallestLines(report, smallest)]),
    ...(agrees
      ? []
      : [
          "",
          causes.length === 0 ? "no likely cause was found" : causes.length === 1 ? "likely cause" : "likely causes",
          ...causes.map(({ says, evidence: e }) => `  ${says} [${e.met} of ${e.of}]`)
        ])
  ]
}
