/** A setting of the playground as a study file that `losslattice run` trains to the same numbers. */
import { stringify } from "yaml"
import type { Setting } from "./settings.ts"

/** Name of the study and of its only environment. */
export const studyName = "playground"

/** The study file. */
export const studyYaml = ({ losses, seeds, shared }: Setting): string => {
  const study = {
    version: 1,
    study: studyName,
    title: "A setting of the bandit playground",
    seeds,
    bandit: { studies: { [studyName]: { losses, ...shared } } }
  }
  const text = stringify(study, { lineWidth: 0, aliasDuplicateObjects: false })
  return `# A setting of the explorer's bandit playground. Train it with: losslattice run ${studyName}.yaml\n${text}`
}
