/**
 * @file Finetuning as a library, `losslattice/finetune`: jobs and events as every engine shares them, the engine service with
 * the embedded engine as its layer, preference data, the reference models, and loss programs as tfjs tensors.
 */
export { lossWithGradient, programToTensors } from "../loss/tensors.ts"
export { PreferenceDataError, type PreferencePair, pairsFromJsonLines, readPairs, writePairs } from "./data.ts"
export { decodeEvent, EVENT_VERSION, eventLine, failureReasons, type Metrics, TrainEvent } from "./events.ts"
export { decodeJob, encodeJob, JOB_VERSION, LossSource, TrainingJob } from "./job.ts"
export { type LoadedModel, ModelFolderError, readModelFolder } from "./modelFolder.ts"
export { type ReferenceModel, referenceModelFolder, referenceModels, referencePrompts } from "./referenceModels.ts"
export { goldReward } from "./sentiment.ts"
export { layer as embeddedEngine } from "./TfjsEngine.ts"
export { EngineError, EngineReason, TrainingEngine } from "./TrainingEngine.ts"
export { type RunOptions, runTfjsJob } from "./tfjs/train.ts"
