/** From LOSS texts to losses: one function per form of the grammar. Nothing here loads mathjs unless a ratio is given. */
import * as Result from "effect/Result"
import { type DecompileError, decompileRatio } from "../logic/decompile/index.ts"
import type { FormulaSyntaxError } from "../logic/parse.ts"
import type { Structure } from "../logic/structure.ts"
import { structureFromTriple } from "../logic/structure.ts"
import { parseStructureSpec, parseTriple } from "../logic/structureText.ts"
import { catalogue, catalogueNames, getCatalogueEntry } from "./catalogue/index.ts"
import {
  filledLoss,
  getProjectName,
  getRefusedName,
  type ProjectName,
  projectNames
} from "./catalogue/projects/index.ts"
import { catalogueLoss } from "./catalogueLoss.ts"
import { type ExpressionError, namesIn, parseLossExpression } from "./expression.ts"
import { programFromExpression } from "./fromExpression.ts"
import { orderInputs } from "./fromStructure.ts"
import { expressionLossLatex } from "./latex.ts"
import type { Loss } from "./loss.ts"
import { lossFromJson } from "./lossJson.ts"
import { nearest } from "./nearest.ts"
import { isPolicyInput } from "./program.ts"
import { readNumber, readStructureOptions, type StructureOptions } from "./settings.ts"
import { type LossSpec, type LossSpecError, parseLossSpec, specFailure } from "./spec.ts"
import { applyReference, checkReading, lossFromStructure, type StructureNaming } from "./structureLoss.ts"

export { LossSpecError } from "./spec.ts"
export { lossFromStructure } from "./structureLoss.ts"

/** Every way in which a LOSS text can fail; each has a one-sentence `message`. */
export type LossError = LossSpecError | FormulaSyntaxError | DecompileError | ExpressionError

type Resolved = Result.Result<Loss, LossError>

/**
 * The loss that a text names (docs/contract.md, "Naming a loss").
 * @param readFile reads a loss file; without it paths are refused. What it throws becomes the failure's reason.
 */
export const resolveLoss = (text: string, readFile?: (path: string) => string): Resolved => {
  const spec = parseLossSpec(text)
  if (Result.isFailure(spec)) return Result.fail(spec.failure)
  switch (spec.success.form) {
    case "catalogue":
      return fromCatalogue(spec.success)
    case "file":
      return fromFile(spec.success, readFile)
    case "ratio":
      return fromRatio(spec.success)
    case "logic":
      return fromLogic(spec.success)
    case "rows":
      return fromRows(spec.success)
    case "expr":
      return fromExpr(spec.success)
  }
}

/** A trainer's name: its own parameters are filled in, and the text that results is resolved. */
const fromProject = (project: ProjectName, spec: LossSpec): Resolved => {
  const given: Record<string, number> = {}
  for (const [name, text] of spec.settings) {
    if (!(name in project.params)) {
      return specFailure(
        spec.source,
        `${project.name} has no parameter ${name}; ${nearest(name, Object.keys(project.params))}`
      )
    }
    const value = readNumber(name, text)
    if (Result.isFailure(value)) return specFailure(spec.source, value.failure)
    given[name] = value.success
  }
  const filled = filledLoss(project, given)
  const loss = resolveLoss(filled)
  if (Result.isFailure(loss)) return specFailure(spec.source, `stands for ${filled}, and ${loss.failure.message}`)
  const title = `${loss.success.title}, as ${project.project} has it`
  return Result.succeed({ ...loss.success, spec: spec.source, title, project })
}

const fromCatalogue = (spec: LossSpec): Resolved => {
  const entry = getCatalogueEntry(spec.body)
  if (entry !== undefined) return catalogueLoss(entry, spec)
  const project = getProjectName(spec.body)
  if (project !== undefined) return fromProject(project, spec)
  const refused = getRefusedName(spec.body)
  if (refused !== undefined) {
    return specFailure(spec.source, `${refused.project} does not compute ${spec.body}: ${refused.refused}`)
  }
  return specFailure(
    spec.source,
    `no loss of the catalogue has the id or alias "${spec.body}"; ${nearest(spec.body, [...catalogueNames, ...projectNames.map(({ name }) => name)])}`
  )
}

const fromFile = (spec: LossSpec, readFile: ((path: string) => string) | undefined): Resolved => {
  if (spec.settings.size > 0) return specFailure(spec.source, "a loss file takes no settings: its parameters are in it")
  if (readFile === undefined) return specFailure(spec.source, "files cannot be read here")
  let text: string
  try {
    text = readFile(spec.body)
  } catch (error) {
    return specFailure(spec.source, `cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  const loss = lossFromJson(text)
  return Result.isFailure(loss) ? specFailure(spec.source, loss.failure) : Result.succeed(loss.success)
}

/** The loss of a structure with the options given: reference and reading checked first. */
const structured = (
  spec: LossSpec,
  structure: Structure,
  options: StructureOptions,
  naming: StructureNaming = {}
): Resolved => {
  const referred = applyReference(structure, options)
  if (Result.isFailure(referred)) return specFailure(spec.source, referred.failure)
  const reading = checkReading(referred.success, options.semantics ?? "absolute")
  if (Result.isFailure(reading)) return specFailure(spec.source, reading.failure)
  return Result.succeed(lossFromStructure(referred.success, options, { spec: spec.source, ...naming }))
}

const fromRows = (spec: LossSpec): Resolved => {
  const structure = parseStructureSpec(spec.body)
  if (Result.isFailure(structure)) return Result.fail(structure.failure)
  const read = readStructureOptions(spec.settings)
  if (Result.isFailure(read)) return specFailure(spec.source, read.failure)
  return structured(spec, structure.success, read.success.options)
}

const fromLogic = (spec: LossSpec): Resolved => {
  const triple = parseTriple(spec.body)
  if (Result.isFailure(triple)) return Result.fail(triple.failure)
  const read = readStructureOptions(spec.settings)
  if (Result.isFailure(read)) return specFailure(spec.source, read.failure)
  return structured(spec, structureFromTriple(triple.success), read.success.options)
}

/** Inputs that some loss of the catalogue takes. */
const knownInputs: ReadonlyArray<string> = [...new Set(catalogue.flatMap(({ inputs }) => inputs))]

/** Whether a name may be an input: lx, rx, nx, s_x of a response x, or one that the catalogue declares. */
const isInput = (name: string): boolean =>
  /^(?:[lrn](?:w|l|g|y\d{1,3})|s_(?:w|l|g|y\d{1,3}))$/.test(name) || knownInputs.includes(name)

/** Policy-free names of a ratio: inputs that are no log-probabilities, and the parameters set. */
const ratioExtras = (
  spec: LossSpec
): { readonly inputs: ReadonlyArray<string>; readonly params: ReadonlyArray<string> } => {
  const names = [...new Set(spec.body.match(/[A-Za-z_]\w*/g) ?? [])]
  const params = names.filter((name) => spec.settings.has(name))
  const inputs = names.filter((name) => !params.includes(name) && isInput(name) && !/^[lr](?:w|l|g|y\d+)$/.test(name))
  return { inputs, params }
}

const fromRatio = (spec: LossSpec): Resolved => {
  const extras = ratioExtras(spec)
  const read = readStructureOptions(spec.settings, extras.params)
  if (Result.isFailure(read)) return specFailure(spec.source, read.failure)
  const { options, params } = read.success
  // With reference=true the reference is added afterwards, which only the absolute reading allows.
  const wanted = options.semantics ?? (options.reference === true ? "absolute" : undefined)
  const result = decompileRatio(
    { kind: "text", text: spec.body },
    { extras: [...extras.inputs, ...extras.params], ...(wanted === undefined ? {} : { semantics: wanted }) }
  )
  if (Result.isFailure(result)) return Result.fail(result.failure)
  const found = result.success
  if (found.lengthNormalised && options.lengthNormalised === false) {
    return specFailure(spec.source, "lengthNormalised=false, but g and h are probabilities per token")
  }
  const factor = parseLossExpression(found.logFactor.text)
  if (Result.isFailure(factor)) return Result.fail(factor.failure)
  const complete: StructureOptions = {
    ...options,
    semantics: found.semantics,
    lengthNormalised: found.lengthNormalised || options.lengthNormalised === true
  }
  const naming = { logFactor: factor.success, params }
  if (found.kind === "structure") return structured(spec, found.structure, complete, naming)
  if (options.reference === true)
    return specFailure(spec.source, "reference=true needs a structure, and this one's rows carry weights")
  return Result.succeed(lossFromStructure(found.weighted, complete, { spec: spec.source, ...naming }))
}

const fromExpr = (spec: LossSpec): Resolved => {
  const expression = parseLossExpression(spec.body)
  if (Result.isFailure(expression)) return Result.fail(expression.failure)
  const names = [...namesIn(expression.success).keys()]
  const params: Record<string, number> = {}
  for (const [name, text] of spec.settings) {
    if (!names.includes(name)) return specFailure(spec.source, `the expression has no parameter "${name}"`)
    if (isInput(name)) return specFailure(spec.source, `${name} is an input and cannot be set`)
    const value = readNumber(name, text)
    if (Result.isFailure(value)) return specFailure(spec.source, value.failure)
    params[name] = value.success
  }
  const inputs = names.filter((name) => !Object.hasOwn(params, name))
  const unknown = inputs.find((name) => !isInput(name))
  if (unknown !== undefined) {
    return specFailure(
      spec.source,
      `"${unknown}" is no input, and no value is given for it (?${unknown}=…); ${nearest(unknown, ["lw", "ll", "rw", "rl", "nw", "nl", ...knownInputs])}`
    )
  }
  if (!inputs.some(isPolicyInput))
    return specFailure(spec.source, "it depends on no policy log-probability (lw, ll, …)")
  const program = programFromExpression(expression.success, params, orderInputs(inputs))
  return Result.succeed({
    spec: spec.source,
    title: spec.source,
    kind: "pairwise",
    params,
    semantics: "absolute",
    lengthNormalised: false,
    oddsBeta: 1,
    link: { kind: "custom", beta: 1, margin: 0 },
    refusal:
      "it is given as an expression, not as a ratio of sums of rows (name the ratio with ratio:… to decompile it)",
    inputs: program.inputs,
    program,
    latex: expressionLossLatex(expression.success)
  })
}
