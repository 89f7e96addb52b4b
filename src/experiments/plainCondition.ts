/** @file Which finetuning runs are plain: those with the least weight of the cross-entropy term. */

/** Rows of the least weight of the cross-entropy term that was trained, all of them where only one was. */
export const plainCondition = <R extends { readonly ceWeight?: unknown }>(rows: readonly R[]): readonly R[] => {
  const weight = ({ ceWeight }: R): number => (typeof ceWeight === "number" ? ceWeight : 0)
  const least = rows.reduce((low, row) => Math.min(low, weight(row)), Number.POSITIVE_INFINITY)
  return rows.filter((row) => weight(row) === least)
}
