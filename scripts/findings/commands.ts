/** The commands whose answers docs/findings.md reports. A number of the page names one of them and a place in its JSON. */

/** A command of the page. */
export interface FindingsCommand {
  /** Arguments after `losslattice`, without `--json`. */
  readonly args: ReadonlyArray<string>
  /** Takes longer than a test should: recomputed by `npm run findings` alone. */
  readonly slow?: boolean
}

const four = "M(w),M(l),Ref(w),Ref(l)"
const everything = ["interval", "bottom", "top", "--propositions", "Ref(w),Ref(l)"] as const

/** All commands, by the names that the page calls them by. */
export const commands: Readonly<Record<string, FindingsCommand>> = {
  one: { args: ["landscape", "--propositions", "M(w)"] },
  two: { args: ["landscape", "--pairs"] },
  three: { args: ["landscape", "--propositions", "M(w),M(l),Ref(w)"] },
  four: { args: ["landscape", "--propositions", four] },
  "four-monotone": { args: [...everything, "--require", "preference-monotone", "--distinct", "--count"], slow: true },
  "four-strict": { args: [...everything, "--require", "strictly-monotone", "--distinct", "--count"], slow: true },
  "four-fair": { args: [...everything, "--require", "swap-antisymmetric", "--distinct", "--count"] },
  "order-all": { args: ["order", "--among", "all"] },
  "order-strict": { args: ["order", "--among", "strict"] },
  "order-sixteen": { args: ["order", "--among", "admissible"] },
  strict: { args: ["derive", "configs/derive/strictly-monotone.yaml"] },
  novel: { args: ["derive", "configs/derive/novel-monotone.yaml"] },
  "novel-safe": { args: ["derive", "configs/derive/novel-safe.yaml"] },
  "novel-fair": { args: ["derive", "configs/derive/novel-antisymmetric.yaml"] },
  "novel-weighted": { args: ["derive", "configs/derive/weighted.yaml"] },
  pareto: { args: ["derive", "configs/derive/pareto.yaml"], slow: true },
  "pareto-relative": { args: ["derive", "configs/derive/pareto-relative.yaml"], slow: true },
  "near-dpo": { args: ["neighbourhood", "dpo"], slow: true },
  "near-dpo-fair": {
    args: ["neighbourhood", "dpo", "--require", "strictly-monotone,swap-antisymmetric,chosen-safe,rejected-safe"]
  },
  relative: { args: ["landscape", "--semantics", "relative", "--pairs"] },
  twins: { args: ["twins"] },
  names: { args: ["names"] },
  ipo: { args: ["compare", "trl.ipo", "openrlhf.ipo"] }
}

/** The command as a reader types it. */
export const commandLine = ({ args }: FindingsCommand): string =>
  ["npx losslattice", ...args.map((arg) => (/^[\w./,-]+$/.test(arg) ? arg : `"${arg}"`)), "--json"].join(" ")
