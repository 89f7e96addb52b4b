/** @file Kinds of settings that several sections of a study file share. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** A field that may be left out of the file, and then has this value. */
export const defaulted = <S extends Schema.Constraint>(schema: S, value: S["Type"]) =>
  Schema.withDecodingDefaultTypeKey<S>(Effect.succeed(value))(schema).annotateKey({ default: value })

/** A part of a path and of a cell's id. */
export const Name = Schema.String.check(
  Schema.isPattern(/^[a-z0-9][a-z0-9._-]*$/u, {
    expected: "lower-case letters, digits, '-', '_', '.', not starting with one of the signs"
  })
)

export const NonNegative = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

/** A list in which nothing stands twice: each value becomes a cell with that value in its name. */
export const distinct = <S extends Schema.Constraint>(schema: S) =>
  Schema.NonEmptyArray(schema).check(
    Schema.makeFilter((values) => {
      const texts = values.map((value) => JSON.stringify(value))
      return texts.flatMap((text, i) =>
        texts.indexOf(text) < i ? [{ path: [i], issue: `${text} stands in the list already` }] : []
      )
    })
  )

const Seed = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 31 - 1 }))

/** Seeds of cells that are otherwise alike. */
export const Seeds = distinct(Seed)

/** One value, or a list of values to go through. */
export const swept = <S extends Schema.Constraint>(schema: S) => Schema.Union([schema, distinct(schema)])

/** The values of a {@link swept} setting. */
export const listOf = <A>(value: A | ReadonlyArray<A>): ReadonlyArray<A> =>
  Array.isArray(value) ? value : [value as A]
