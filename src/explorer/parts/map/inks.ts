/** Colours of maps, light and dark. */
import { okabeIto } from "../../palette.ts"

/** Red, green, blue, 0 to 255. */
export type Rgb = readonly [number, number, number]

/** Colours of a theme: the ramp from low to high loss, the two ends of a difference. */
interface Inks {
  readonly paper: Rgb
  readonly ramp: ReadonlyArray<Rgb>
  readonly below: Rgb
  readonly above: Rgb
  readonly line: string
  readonly arrow: string
  readonly veil: string
  readonly edge: string
  readonly lowers: string
  readonly raises: string
}

/** The colours of both themes. */
export const inks = {
  light: {
    paper: [250, 251, 252],
    ramp: [
      [250, 252, 254],
      [214, 228, 241],
      [164, 193, 221],
      [104, 148, 192],
      [52, 98, 150]
    ],
    below: [0, 114, 178],
    above: [213, 94, 0],
    line: "rgba(255,255,255,0.85)",
    arrow: "rgba(20,26,34,0.8)",
    veil: "rgba(255,255,255,0.72)",
    edge: "#555b66",
    lowers: okabeIto.vermilion,
    raises: "#a63d7d"
  },
  dark: {
    paper: [20, 23, 28],
    ramp: [
      [16, 20, 27],
      [24, 42, 62],
      [33, 68, 104],
      [52, 104, 152],
      [110, 164, 211]
    ],
    below: [86, 180, 233],
    above: [240, 140, 70],
    line: "rgba(10,14,20,0.6)",
    arrow: "rgba(236,240,246,0.85)",
    veil: "rgba(15,18,23,0.72)",
    edge: "#a9b0bd",
    lowers: "#ff8a3d",
    raises: "#ee9dcb"
  }
} as const satisfies Record<string, Inks>

/** The colour a share of the way from one to another. */
export const mix = (a: Rgb, b: Rgb, t: number): Rgb =>
  [0, 1, 2].map((k) => a[k]! + (b[k]! - a[k]!) * t) as unknown as Rgb

/** The colour at a share in [0, 1] of a ramp. */
export const rampColour = (ramp: ReadonlyArray<Rgb>, share: number): Rgb => {
  const place = Math.min(Math.max(share, 0), 1) * (ramp.length - 1)
  const low = Math.min(Math.floor(place), ramp.length - 2)
  return mix(ramp[low]!, ramp[low + 1]!, place - low)
}
