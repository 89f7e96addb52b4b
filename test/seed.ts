/**
 * One seed for every law of a test run: a failure seen once is seen again, in CI and at home.
 * `LOSSLATTICE_SEED` names another; `npm run fuzz` tries fresh ones.
 */
import fc from "fast-check"

const text = process.env.LOSSLATTICE_SEED ?? "20261125"
const seed = Number(text)
if (!Number.isInteger(seed)) throw new RangeError(`LOSSLATTICE_SEED must be an integer, found "${text}"`)
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed })
