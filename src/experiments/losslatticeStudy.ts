/** @file The study that the program runs: its file format and its stages, in order. */
import { ExperimentConfig } from "./schema.ts"
import { banditStage } from "./stages/bandit.ts"
import { catalogueStage } from "./stages/catalogue.ts"
import { claimsStage } from "./stages/claims.ts"
import { confirmationsStage } from "./stages/confirmations.ts"
import { conformanceStage } from "./stages/conformance.ts"
import { deriveStage } from "./stages/derive.ts"
import { elsewhereStage } from "./stages/elsewhere.ts"
import { figuresStage } from "./stages/figures.ts"
import { finetuneStage } from "./stages/finetune.ts"
import { landscapeStage } from "./stages/landscape.ts"
import { mapsStage } from "./stages/maps.ts"
import { namesStage } from "./stages/names.ts"
import { orderStage } from "./stages/order.ts"
import { predictionsStage } from "./stages/predictions.ts"
import { regressionStage } from "./stages/regression.ts"
import { reportStage } from "./stages/report.ts"
import { selectStage } from "./stages/select.ts"
import { summaryStage } from "./stages/summary.ts"
import { surfacesStage } from "./stages/surfaces.ts"
import { twinsStage } from "./stages/twins.ts"
import { validateStage } from "./stages/validate.ts"
import { winRatesStage } from "./stages/winRates.ts"
import type { StudyKind } from "./study.ts"

/** One more stage: its file, one line here, and its section in schema.ts. */
export const losslatticeStudy: StudyKind<typeof ExperimentConfig> = {
  schema: ExperimentConfig,
  stages: [
    catalogueStage,
    namesStage,
    conformanceStage,
    landscapeStage,
    orderStage,
    twinsStage,
    mapsStage,
    surfacesStage,
    deriveStage,
    validateStage,
    banditStage,
    claimsStage,
    regressionStage,
    selectStage,
    predictionsStage,
    finetuneStage,
    elsewhereStage,
    confirmationsStage,
    summaryStage,
    winRatesStage,
    figuresStage,
    reportStage
  ],
  name: ({ study }) => study,
  seeds: ({ seeds }) => seeds
}
