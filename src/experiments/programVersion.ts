/** @file The program's version, as its package file says. */
import { readFileSync } from "node:fs"

export const programVersion = (
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { readonly version: string }
).version
