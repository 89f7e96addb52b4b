/** @file How the series of a plot look: one hue after another for numbers in order, colours far apart for names. Pure. */
import { lossBase } from "../../quantities/lossBase.ts"
import { type SeriesLook, seriesLook } from "../drawing/theme.ts"
import type { ChannelValue } from "./points.ts"

/** Stops of a scale that grows lighter evenly and is read alike with every kind of colour vision (viridis without its yellow end). */
const ramp = ["#440154", "#3b528b", "#21918c", "#5ec962"] as const

const channels = (colour: string): readonly number[] =>
  [1, 3, 5].map((from) => Number.parseInt(colour.slice(from, from + 2), 16))

const mixed = (a: string, b: string, share: number): string => {
  const [from, to] = [channels(a), channels(b)]
  const parts = from.map((value, i) => Math.round(value + share * (to[i]! - value)))
  return `#${parts.map((value) => value.toString(16).padStart(2, "0")).join("")}`
}

/** The colour at a share in [0, 1] of the scale. */
export const rampColour = (share: number): string => {
  const place = Math.min(1, Math.max(0, share)) * (ramp.length - 1)
  const index = Math.min(ramp.length - 2, Math.floor(place))
  return mixed(ramp[index]!, ramp[index + 1]!, place - index)
}

/** Colours of two signs with white between: blue below, orange above, both dark enough to be told apart by anybody. */
export const divergingColour = (share: number): string =>
  share < 0.5 ? mixed("#2166ac", "#f7f7f7", 2 * share) : mixed("#f7f7f7", "#b35806", 2 * share - 1)

/** Losses that several experiments compare look the same in all of them. */
const known: readonly string[] = ["dpo", "ipo", "slic", "orpo", "cpo"]

const indexOf = (value: ChannelValue, position: number, all: readonly ChannelValue[]): number => {
  const places = all.map(({ key }) => known.indexOf(lossBase(key).toLowerCase()))
  return places.every((place) => place >= 0) && new Set(places).size === places.length
    ? known.indexOf(lossBase(value.key).toLowerCase())
    : position
}

/** The look of every value of the colour channel; more than two numbers take colours from the scale. */
export const seriesLooks = (values: readonly ChannelValue[]): ReadonlyMap<string, SeriesLook> => {
  const ordered = values.length > 2 && values.every(({ number }) => number !== undefined)
  return new Map(
    values.map((value, i) => {
      const plain = seriesLook(indexOf(value, i, values))
      return [
        value.key,
        ordered ? { colour: rampColour(i / (values.length - 1)), dash: [], shape: seriesLook(i).shape } : plain
      ]
    })
  )
}
