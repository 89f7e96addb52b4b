/** Every regime by its `kind`. One more: its file, and a line in the two lists here. */
import * as Schema from "effect/Schema"
import { FastSlowSpec } from "./fastSlow.ts"
import { KWiseSpec, kWise } from "./kWise.ts"
import { offline } from "./offline.ts"
import { OnlineSpec, online } from "./online.ts"
import type { MakeRegime } from "./regime.ts"
import { SelfPlaySpec, selfPlay } from "./selfPlay.ts"
import { UnpairedSpec, unpaired } from "./unpaired.ts"

const OfflineSpec = Schema.Struct({ kind: Schema.Literal("offline") }).annotate({
  description: "Fixed pairs: the study's data."
})

/** Where the examples of a step come from. */
export const RegimeSpec = Schema.Union([
  OfflineSpec,
  OnlineSpec,
  SelfPlaySpec,
  UnpairedSpec,
  KWiseSpec,
  FastSlowSpec
]).annotate({ identifier: "Regime" })
export type RegimeSpec = typeof RegimeSpec.Type

type Kind = RegimeSpec["kind"]

const makers: { readonly [K in Kind]: (spec: Extract<RegimeSpec, { readonly kind: K }>) => MakeRegime } = {
  offline: () => offline,
  online,
  "self-play": selfPlay,
  unpaired: () => unpaired,
  "k-wise": kWise,
  // Fixed pairs; what is special about it happens in the training loop.
  "fast-slow": () => offline
}

/** The maker of a regime. */
export const regimeMaker = <K extends Kind>(spec: Extract<RegimeSpec, { readonly kind: K }>): MakeRegime =>
  (makers[spec.kind as K] as (spec: Extract<RegimeSpec, { readonly kind: K }>) => MakeRegime)(spec)

/** Inputs that the batches of a regime bring besides those of every pair. */
export const regimeInputs = ({ kind }: RegimeSpec): ReadonlyArray<string> =>
  kind === "online" || kind === "self-play" ? ["pol_is_w"] : []

/** Responses of an example. */
export const regimeMembers = (spec: RegimeSpec): number =>
  spec.kind === "k-wise" && (spec.take ?? "ranking") === "ranking" ? spec.k : 2
