/**
 * The parser of ratios, for the page and for its workers: without Node nothing is required on demand, so it comes along. Of
 * mathjs only what parses is built in, and made at the first ratio: it takes longer than all that a page shows at first.
 * Import for effect.
 */
import { create, parseDependencies } from "mathjs/number"
import { type MathjsParser, provideMathjs } from "../logic/decompile/mathjs.ts"

let library: MathjsParser | undefined

provideMathjs({
  parse: (text) => {
    library ??= create({ ...parseDependencies }) as MathjsParser
    return library.parse(text)
  }
})
