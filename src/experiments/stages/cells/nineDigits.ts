/** @file Numbers as records hold them where they come out of long computations. */

/** Nine digits: beyond them values depend on the mathematics library. What is not finite stays. */
export const nineDigits = (value: number): number => (Number.isFinite(value) ? Number(value.toPrecision(9)) : value)
