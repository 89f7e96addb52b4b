/** @file Resolving the LOSS texts of a command line: loss files are read from disk here, nowhere else. */
import { readFileSync } from "node:fs"
import { resolveLoss } from "../loss/resolve.ts"
import { systemReason } from "./files.ts"

const readLossFile = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch (error) {
    throw new Error(systemReason(error))
  }
}

/** The loss that a LOSS text names (docs/contract.md, "Naming a loss"). */
export const resolve = (spec: string) => resolveLoss(spec, readLossFile)
