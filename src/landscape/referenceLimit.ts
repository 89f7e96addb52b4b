/**
 * What a relative rho does as the reference vanishes, `r -> 0` at fixed ratios with the policy fixed (a uniform reference over
 * ever more answers): the odds p/r grow without bound, and the rows with the most true propositions lead. It is the limit of
 * vanishing policies (P13) with p and r exchanged: a relative rho negates every literal when it does that.
 */
import { makeStructure, type Structure } from "../logic/structure.ts"
import { vanishingClass } from "./limits.ts"

/** Every literal negated: row r becomes row `all ^ r`. */
const negated = ({ propositions, ticks, crosses }: Structure): Structure => {
  const all = 2 ** propositions.length - 1
  const flip = (set: bigint): bigint => {
    let flipped = 0n
    for (let row = 0; row <= all; row++) if ((set >> BigInt(row)) & 1n) flipped |= 1n << BigInt(all ^ row)
    return flipped
  }
  return makeStructure(propositions, flip(ticks), flip(crosses))
}

/** p and r exchanged in a text, factors in order again. */
const exchanged = (text: string): string =>
  text
    .replaceAll(/\b[pr]_/g, (name) => (name === "p_" ? "r_" : "p_"))
    .replaceAll(/[pr]_\w+(?:\*[pr]_\w+)+/g, (product) => product.split("*").sort().join("*"))

/** The limit as text, `log (p_w*r_l)/(p_l*r_w)` for instance; 0 where rho tends to 0. */
export const referenceLimit = (structure: Structure): string =>
  exchanged(vanishingClass(negated(structure), "relative").value!)
