/** The map's part of a link: axes, point, what is fixed, what is drawn over. */
import type { LinkState, Patch } from "../../link.ts"
import { type AxisKind, axisKinds, type Layers, logReach, type Point, type Setting } from "./surface.ts"

/** All that a map depends on besides its loss. */
export interface MapSetting {
  readonly kind: AxisKind
  readonly point: Point
  readonly setting: Setting
  readonly layers: Layers
}

/** What a link that says nothing means: a policy, and a reference that prefers the rejected response. */
const usual: Readonly<Record<string, number>> = {
  lw: -1.4,
  ll: -1.1,
  rw: Math.log(0.2),
  rl: Math.log(0.4),
  nw: 1,
  nl: 1
}

/** A number of the link, and what is wrong with it. */
const numberOf = (state: LinkState, key: string, problems: Array<string>): number => {
  const text = state[key]
  if (text === undefined) return usual[key]!
  const value = text.trim() === "" ? Number.NaN : Number(text)
  const isCount = key === "nw" || key === "nl"
  if (isCount ? Number.isInteger(value) && value >= 1 : Number.isFinite(value) && value < 0) return value
  problems.push(`${key}: expected ${isCount ? "a token count from 1" : "a log-probability below 0"}, found “${text}”`)
  return usual[key]!
}

/** The map's setting in a state, and what is wrong with the state, a sentence each. */
export const readMap = (state: LinkState): { readonly map: MapSetting; readonly problems: ReadonlyArray<string> } => {
  const problems: Array<string> = []
  const kind = axisKinds.find((name) => name === (state.axes ?? "log"))
  if (kind === undefined) problems.push(`axes: expected one of ${axisKinds.join(", ")}, found “${state.axes}”`)
  const read = (key: string): number => numberOf(state, key, problems)
  const hidden = (state.hide ?? "").split(",")
  const map: MapSetting = {
    kind: kind ?? "log",
    point: { lw: read("lw"), ll: read("ll") },
    setting: { rw: read("rw"), rl: read("rl"), nw: read("nw"), nl: read("nl") },
    layers: { arrows: !hidden.includes("arrows"), displacement: !hidden.includes("displacement") }
  }
  return { map, problems }
}

const short = (value: number): string => String(Number(value.toFixed(4)))

/** The change of a link that moves the point. */
export const pointPatch = ({ lw, ll }: Point): Patch => ({ lw: short(lw), ll: short(ll) })

/** The change of a link that fixes something else. */
export const settingPatch = (key: keyof Setting, value: number): Patch => ({ [key]: short(value) })

/** The change of a link that shows or hides a layer. */
export const layerPatch = (layers: Layers, layer: keyof Layers): Patch => {
  const next = { ...layers, [layer]: !layers[layer] }
  const hidden = (Object.keys(next) as ReadonlyArray<keyof Layers>).filter((name) => !next[name])
  return { hide: hidden.length === 0 ? undefined : hidden.join(",") }
}

/** Where sliders of log-probabilities end, nats. */
export const logEnds = { least: -logReach, most: -0.01, step: 0.01 } as const
