/** @file A configuration as resolved, written so that it can be run again: the same configuration, the same text. */
import { stringify } from "yaml"

/** YAML with keys in order and no line folded. */
export const resolvedYaml = (config: unknown): string =>
  stringify(config, { sortMapEntries: true, lineWidth: 0, aliasDuplicateObjects: false })
