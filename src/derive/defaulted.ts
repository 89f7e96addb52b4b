/** Fields of a query that may be left out. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"

/** A field that may be left out, and then has this value. */
export const defaulted = <S extends Schema.Constraint>(schema: S, value: S["Type"]) =>
  Schema.optionalKey(schema)
    .pipe(
      Schema.decodeTo(Schema.toType(schema), {
        decode: SchemaGetter.transformOptional<S["Type"], S["Type"]>((given) =>
          given._tag === "Some" ? given : Result.getSuccess(Result.succeed(value))
        ),
        encode: SchemaGetter.passthrough<S["Type"]>()
      })
    )
    .annotateKey({ default: value })
