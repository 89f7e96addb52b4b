/** @file Every figure, in the order of the report. One more figure: its file, one line here, a test only for what is special. */
import { armProbabilitiesFigure } from "./armProbabilities.ts"
import { banditOutcomesFigure } from "./banditOutcomes.ts"
import { banditRegretFigure } from "./banditRegret.ts"
import { dominanceMatrixFigure } from "./dominanceMatrix.ts"
import { dominanceOrderFigure } from "./dominanceOrder.ts"
import { dynamicsFigure } from "./dynamics.ts"
import { type Figure, figureApplies } from "./figure.ts"
import { latticeFigure } from "./lattice.ts"
import { lossClassesFigure } from "./lossClasses.ts"
import { lossDendrogramFigure } from "./lossDendrogram.ts"
import { lossEmbeddingFigure } from "./lossEmbedding.ts"
import { lossMapsFigure } from "./lossMaps.ts"
import { mapGalleryFigure } from "./mapGallery.ts"
import { outcomeEffectsFigure } from "./outcomeEffects.ts"
import { outcomePredictorsFigure } from "./outcomePredictors.ts"
import { publishedDynamicsFigure } from "./publishedDynamics.ts"
import type { Records } from "./records.ts"
import { relativeTwinsFigure } from "./relativeTwins.ts"
import { rewardAgainstKlFigure } from "./rewardAgainstKl.ts"
import { simplexLandscapesFigure } from "./simplexLandscapes.ts"
import { surfaceAnglesFigure } from "./surfaceAngles.ts"
import { surfacePathsFigure } from "./surfacePaths.ts"
import { surfacePlaneFigure } from "./surfacePlane.ts"
import { surfaceSharpnessFigure } from "./surfaceSharpness.ts"
import { surfaceSimplexFigure } from "./surfaceSimplex.ts"
import { surfaceSlicesFigure } from "./surfaceSlices.ts"
import { surfaceWorldsFigure } from "./surfaceWorlds.ts"
import { trainingDynamicsFigure } from "./trainingDynamics.ts"
import { verdictMatrixFigure } from "./verdictMatrix.ts"

/** The total list. */
export const figures: readonly Figure[] = [
  latticeFigure,
  dominanceOrderFigure,
  dominanceMatrixFigure,
  relativeTwinsFigure,
  lossMapsFigure,
  lossClassesFigure,
  simplexLandscapesFigure,
  lossDendrogramFigure,
  lossEmbeddingFigure,
  mapGalleryFigure,
  surfaceSimplexFigure,
  surfaceWorldsFigure,
  surfaceAnglesFigure,
  surfaceSharpnessFigure,
  surfacePathsFigure,
  surfaceSlicesFigure,
  surfacePlaneFigure,
  verdictMatrixFigure,
  banditOutcomesFigure,
  outcomePredictorsFigure,
  outcomeEffectsFigure,
  banditRegretFigure,
  armProbabilitiesFigure,
  dynamicsFigure,
  trainingDynamicsFigure,
  publishedDynamicsFigure,
  rewardAgainstKlFigure
]

/** The figures that a run's records can show. */
export const applicableFigures = (records: Records): readonly Figure[] =>
  figures.filter((figure) => figureApplies(figure, records))
