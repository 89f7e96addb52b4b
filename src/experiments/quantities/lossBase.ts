/** @file What a LOSS text names before its parameters. Pure. */

/** The LOSS text without its parameters: `dpo` of `dpo?beta=0.1`. */
export const lossBase = (loss: string): string => loss.replace(/\?[A-Za-z]\w*=[^?]*$/, "")
