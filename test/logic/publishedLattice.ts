/** The published drawing of the lattice, as read off it (docs/experiments.md 1.5): what computed ones are held against. */

const arrows: Readonly<Record<string, string>> = {
  CEUnl: "cUNL l3 sCE l20",
  cUNL: "ORPO CPO fUNL",
  l3: "ORPO CE qfUNL",
  sCE: "CPO CE l5",
  l20: "fUNL qfUNL l5",
  ORPO: "cCPO cfUNL",
  CPO: "cCPO l14",
  CE: "cCPO bCPO",
  fUNL: "cfUNL l14",
  qfUNL: "cfUNL bCPO",
  l5: "l14 bCPO",
  cCPO: "unCPO",
  cfUNL: "unCPO",
  l14: "unCPO",
  bCPO: "unCPO"
}

/** The 32 arrows, `from > to`, from more to less constrained. */
export const publishedEdges: ReadonlyArray<string> = Object.entries(arrows).flatMap(([from, list]) =>
  list.split(" ").map((to) => `${from} > ${to}`)
)

/** The cores of the losses with a reference model. */
export const publishedReferenceCores: Readonly<Record<string, string>> = {
  CEUnl: "Ref(w) -> M(w) and not M(l)",
  l20: "Ref(w) and (M(l) or not Ref(l)) -> M(w) and not M(l)",
  cUNL: "Ref(w) -> not M(l)",
  fUNL: "Ref(w) -> not M(l)",
  sCE: "Ref(w) and (not M(w) or not Ref(l)) -> M(w) and not M(l)",
  l3: "Ref(w) -> M(w)",
  CE: "Ref(w) -> M(w)",
  l5: "Ref(w) and (M(l) or not Ref(l)) and (not M(w) or not Ref(l)) -> M(w) and not M(l)",
  qfUNL: "Ref(w) and (M(l) or not Ref(l)) -> M(w)",
  bCPO: "Ref(w) and (M(l) or not Ref(l)) -> M(w)",
  ORPO: "M(l) and Ref(w) -> M(w)",
  cfUNL: "M(l) and Ref(w) -> M(w)",
  cCPO: "M(l) and Ref(w) -> M(w)",
  unCPO: "M(l) and Ref(w) -> M(w)",
  CPO: "Ref(w) and M(l) -> M(w) and Ref(l)",
  l14: "Ref(w) and M(l) -> M(w) and Ref(l)"
}
