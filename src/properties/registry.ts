/** The list of all properties, and how they are found by id or name. A new property is its file and a line here. */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import { nearest, nearestNames } from "../loss/nearest.ts"
import { boundedBelow } from "./properties/boundedBelow.ts"
import { exactOnly } from "./properties/exactOnly.ts"
import { ignoresLengths, perToken } from "./properties/lengths.ts"
import { p1 } from "./properties/p1.ts"
import { p2 } from "./properties/p2.ts"
import { p3 } from "./properties/p3.ts"
import { p4 } from "./properties/p4.ts"
import { p5 } from "./properties/p5.ts"
import { p6 } from "./properties/p6.ts"
import { p7 } from "./properties/p7.ts"
import { p8 } from "./properties/p8.ts"
import { p9 } from "./properties/p9.ts"
import { p10 } from "./properties/p10.ts"
import { p11 } from "./properties/p11.ts"
import { p12 } from "./properties/p12.ts"
import { p13 } from "./properties/p13.ts"
import { p14 } from "./properties/p14.ts"
import { p15 } from "./properties/p15.ts"
import { p16 } from "./properties/p16.ts"
import { p17 } from "./properties/p17.ts"
import { p18 } from "./properties/p18.ts"
import { p19 } from "./properties/p19.ts"
import { p20 } from "./properties/p20.ts"
import { p21 } from "./properties/p21.ts"
import { p22 } from "./properties/p22.ts"
import { p23 } from "./properties/p23.ts"
import { p24 } from "./properties/p24.ts"
import { p25 } from "./properties/p25.ts"
import { p26 } from "./properties/p26.ts"
import { p27 } from "./properties/p27.ts"
import { p28 } from "./properties/p28.ts"
import { lastIterate, p29 } from "./properties/p29.ts"
import { p30 } from "./properties/p30.ts"
import { p31 } from "./properties/p31.ts"
import { oneStepGradient, p32 } from "./properties/p32.ts"
import { p33 } from "./properties/p33.ts"
import { p34, rewardOrder } from "./properties/p34.ts"
import { p35 } from "./properties/p35.ts"
import { keepsSupport, p36 } from "./properties/p36.ts"
import { p37 } from "./properties/p37.ts"
import { p38 } from "./properties/p38.ts"
import { findPinned, pinnedProperties } from "./properties/pinned.ts"
import { ratioToReference } from "./properties/ratioToReference.ts"
import { strictlyMonotone } from "./properties/strictlyMonotone.ts"
import type { Property } from "./property.ts"

/** All properties, in the order of docs/experiments.md §4, then those without a number. */
export const properties: ReadonlyArray<Property> = [
  p1,
  p2,
  p3,
  p4,
  p5,
  p6,
  p7,
  p8,
  p9,
  p10,
  p11,
  p12,
  p13,
  p14,
  p15,
  p16,
  p17,
  p18,
  p19,
  p20,
  p21,
  p22,
  p23,
  p24,
  p25,
  p26,
  p27,
  p28,
  p29,
  p30,
  p31,
  p32,
  p33,
  p34,
  p35,
  p36,
  p37,
  p38,
  strictlyMonotone,
  boundedBelow,
  ignoresLengths,
  perToken,
  ratioToReference,
  lastIterate,
  oneStepGradient,
  rewardOrder,
  keepsSupport,
  ...exactOnly
]

/** Every name a property can be asked for by: ids first, then aliases. */
export const propertyNames: ReadonlyArray<string> = [
  ...properties.map((property) => property.id),
  ...properties.flatMap((property) => property.aliases),
  ...pinnedProperties.map(({ prefix }) => `${prefix}:0.1`)
]

/** A property that does not exist, and the existing names closest to it. */
export class UnknownProperty extends Data.TaggedError("UnknownProperty")<{
  readonly name: string
  readonly nearest: ReadonlyArray<string>
}> {
  override get message(): string {
    return `unknown property "${this.name}"; ${nearest(this.name, propertyNames)}`
  }
}

const byName = new Map<string, Property>(
  properties.flatMap((property) =>
    [property.id, ...property.aliases].map((name) => [name.toLowerCase(), property] as const)
  )
)

/** The property of an id or alias, capitals ignored; {@link UnknownProperty} with the nearest names otherwise. */
export const findProperty = (name: string): Result.Result<Property, UnknownProperty> => {
  const found = byName.get(name.trim().toLowerCase()) ?? findPinned(name)
  return found === undefined
    ? Result.fail(new UnknownProperty({ name, nearest: nearestNames(name, propertyNames) }))
    : Result.succeed(found)
}

/** The id under which results list a property, whatever name it was asked for by; undefined for no property. */
export const canonicalPropertyId = (name: string): string | undefined =>
  (byName.get(name.trim().toLowerCase()) ?? findPinned(name))?.id
