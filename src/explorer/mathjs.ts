/**
 * The parser of ratios, for the page and for its workers: without Node nothing is required on demand, so it comes along. Of
 * mathjs only what parses is built in. Import for effect.
 */
import { create, parseDependencies } from "mathjs/number"
import { type MathjsParser, provideMathjs } from "../logic/decompile/mathjs.ts"

provideMathjs(create({ ...parseDependencies }) as MathjsParser)
