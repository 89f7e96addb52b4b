/**
 * For pages: mathjs as a module that a bundler can put in, handed over to the parser. Import it for this effect before the
 * first ratio is read; where there is Node, `mathjs.ts` finds the library by itself.
 */
import { create, parseDependencies } from "mathjs/number"
import { type MathjsParser, provideMathjs } from "./mathjs.ts"

let library: MathjsParser | undefined

provideMathjs({
  parse: (text) => {
    // Made at the first parse: it takes longer than all that a page shows at first.
    library ??= create({ ...parseDependencies }) as unknown as MathjsParser
    return library.parse(text)
  }
})
