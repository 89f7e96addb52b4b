/** The catalogue: every published loss, in the order of the survey (docs/losses.md), found by id or alias. */
import { entry as a2po } from "./losses/a2po.ts"
import { entry as alpha_dpo } from "./losses/alpha_dpo.ts"
import { entry as alphapo } from "./losses/alphapo.ts"
import { entry as aot } from "./losses/aot.ts"
import { entry as aot_unpaired } from "./losses/aot_unpaired.ts"
import { entry as apo_down } from "./losses/apo_down.ts"
import { entry as apo_zero } from "./losses/apo_zero.ts"
import { entry as arpo } from "./losses/arpo.ts"
import { entry as awp_hinge } from "./losses/awp_hinge.ts"
import { entry as bco } from "./losses/bco.ts"
import { entry as bco_pair } from "./losses/bco_pair.ts"
import { entry as bcpo } from "./losses/bcpo.ts"
import { entry as beta_dpo } from "./losses/beta_dpo.ts"
import { entry as cal_dpo } from "./losses/cal_dpo.ts"
import { entry as ccpo } from "./losses/ccpo.ts"
import { entry as cdpo } from "./losses/cdpo.ts"
import { entry as ce } from "./losses/ce.ts"
import { entry as ce_odds } from "./losses/ce_odds.ts"
import { entry as ceunl } from "./losses/ceunl.ts"
import { entry as cfunl } from "./losses/cfunl.ts"
import { entry as chi_po } from "./losses/chi_po.ts"
import { entry as copg } from "./losses/copg.ts"
import { entry as cpo } from "./losses/cpo.ts"
import { entry as cpo_core } from "./losses/cpo_core.ts"
import { entry as cpo_trl } from "./losses/cpo_trl.ts"
import { entry as cunl } from "./losses/cunl.ts"
import { entry as d2o } from "./losses/d2o.ts"
import { entry as diffusion_dpo } from "./losses/diffusion_dpo.ts"
import { entry as discopop } from "./losses/discopop.ts"
import { entry as dpo } from "./losses/dpo.ts"
import { entry as dpo_shift } from "./losses/dpo_shift.ts"
import { entry as dpop } from "./losses/dpop.ts"
import { entry as dro } from "./losses/dro.ts"
import { entry as exo_pair } from "./losses/exo_pair.ts"
import { entry as fdpo_alpha } from "./losses/fdpo_alpha.ts"
import { entry as fdpo_forward_kl } from "./losses/fdpo_forward_kl.ts"
import { entry as fdpo_js } from "./losses/fdpo_js.ts"
import { entry as focal_dpo } from "./losses/focal_dpo.ts"
import { entry as funl } from "./losses/funl.ts"
import { entry as gpo_exp } from "./losses/gpo_exp.ts"
import { entry as gpo_savage } from "./losses/gpo_savage.ts"
import { entry as gpo_trunc_quad } from "./losses/gpo_trunc_quad.ts"
import { entry as h_dpo } from "./losses/h_dpo.ts"
import { entry as hinge } from "./losses/hinge.ts"
import { entry as infonca } from "./losses/infonca.ts"
import { entry as ipo } from "./losses/ipo.ts"
import { entry as ipo_norm } from "./losses/ipo_norm.ts"
import { entry as irpo } from "./losses/irpo.ts"
import { entry as kto } from "./losses/kto.ts"
import { entry as l3 } from "./losses/l3.ts"
import { entry as l5 } from "./losses/l5.ts"
import { entry as l14 } from "./losses/l14.ts"
import { entry as l20 } from "./losses/l20.ts"
import { entry as ld_dpo } from "./losses/ld_dpo.ts"
import { entry as ln_dpo } from "./losses/ln_dpo.ts"
import { entry as mapo } from "./losses/mapo.ts"
import { entry as mask_dpo } from "./losses/mask_dpo.ts"
import { entry as modpo } from "./losses/modpo.ts"
import { entry as mpo } from "./losses/mpo.ts"
import { entry as nca } from "./losses/nca.ts"
import { entry as nca_pair } from "./losses/nca_pair.ts"
import { entry as npo } from "./losses/npo.ts"
import { entry as odpo } from "./losses/odpo.ts"
import { entry as orpo } from "./losses/orpo.ts"
import { entry as orpo_seq } from "./losses/orpo_seq.ts"
import { entry as pro } from "./losses/pro.ts"
import { entry as qfunl } from "./losses/qfunl.ts"
import { entry as r_dpo } from "./losses/r_dpo.ts"
import { entry as rebel } from "./losses/rebel.ts"
import { entry as ref_orpo } from "./losses/ref_orpo.ts"
import { entry as reward_rpo_bwd } from "./losses/reward_rpo_bwd.ts"
import { entry as reward_rpo_fwd } from "./losses/reward_rpo_fwd.ts"
import { entry as reward_rpo_sq } from "./losses/reward_rpo_sq.ts"
import { entry as robust_dpo } from "./losses/robust_dpo.ts"
import { entry as rpo } from "./losses/rpo.ts"
import { entry as rpo_seq } from "./losses/rpo_seq.ts"
import { entry as rrhf } from "./losses/rrhf.ts"
import { entry as sce } from "./losses/sce.ts"
import { entry as sft } from "./losses/sft.ts"
import { entry as sigmoid_norm } from "./losses/sigmoid_norm.ts"
import { entry as simnpo } from "./losses/simnpo.ts"
import { entry as simper } from "./losses/simper.ts"
import { entry as simpo } from "./losses/simpo.ts"
import { entry as slic } from "./losses/slic.ts"
import { entry as sppo } from "./losses/sppo.ts"
import { entry as sppo_hard } from "./losses/sppo_hard.ts"
import { entry as tdpo1 } from "./losses/tdpo1.ts"
import { entry as tdpo2 } from "./losses/tdpo2.ts"
import { entry as tpo } from "./losses/tpo.ts"
import { entry as tpo_l } from "./losses/tpo_l.ts"
import { entry as uncpo } from "./losses/uncpo.ts"
import { entry as unlikelihood } from "./losses/unlikelihood.ts"
import { entry as wpo } from "./losses/wpo.ts"
import { entry as xpo } from "./losses/xpo.ts"
import type { CatalogueEntry } from "./schema.ts"

/** All entries by id. */
export const entries = {
  dpo,
  cdpo,
  robust_dpo,
  ipo,
  ipo_norm,
  hinge,
  exo_pair,
  discopop,
  gpo_exp,
  gpo_trunc_quad,
  gpo_savage,
  focal_dpo,
  beta_dpo,
  wpo,
  aot,
  aot_unpaired,
  mask_dpo,
  diffusion_dpo,
  ln_dpo,
  sigmoid_norm,
  ld_dpo,
  tdpo1,
  tdpo2,
  r_dpo,
  odpo,
  modpo,
  alpha_dpo,
  simpo,
  dpop,
  dpo_shift,
  h_dpo,
  d2o,
  arpo,
  chi_po,
  fdpo_forward_kl,
  fdpo_js,
  fdpo_alpha,
  alphapo,
  simper,
  npo,
  simnpo,
  rpo,
  irpo,
  rpo_seq,
  cal_dpo,
  mpo,
  xpo,
  slic,
  cpo,
  cpo_trl,
  orpo,
  rrhf,
  pro,
  tpo,
  tpo_l,
  mapo,
  kto,
  apo_zero,
  apo_down,
  bco,
  bco_pair,
  nca_pair,
  nca,
  infonca,
  sppo_hard,
  sppo,
  copg,
  rebel,
  reward_rpo_bwd,
  reward_rpo_fwd,
  reward_rpo_sq,
  a2po,
  dro,
  ce,
  sft,
  unlikelihood,
  awp_hinge,
  cpo_core,
  orpo_seq,
  ce_odds,
  ceunl,
  sce,
  ccpo,
  uncpo,
  cfunl,
  qfunl,
  funl,
  cunl,
  l20,
  l3,
  l5,
  l14,
  bcpo,
  ref_orpo
} as const satisfies Readonly<Record<string, CatalogueEntry>>

/** An id of the catalogue. */
export type CatalogueId = keyof typeof entries

/** All ids, in the order of the survey. */
export const catalogueIds = Object.keys(entries) as ReadonlyArray<CatalogueId>

/** All entries, in the same order. */
export const catalogue: ReadonlyArray<CatalogueEntry> = Object.values(entries)

const byName: ReadonlyMap<string, CatalogueEntry> = new Map(
  catalogue.flatMap((entry) => [entry.id, ...entry.aliases].map((name) => [name, entry] as const))
)

/** The entry of an id or alias; undefined for any other text (names are case-sensitive: `cpo` and the lattice's CPO differ). */
export const getCatalogueEntry = (idOrAlias: string): CatalogueEntry | undefined => byName.get(idOrAlias)

/** All ids and aliases: what a catalogue name may be. */
export const catalogueNames: ReadonlyArray<string> = [...byName.keys()]
