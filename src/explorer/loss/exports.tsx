/** The loss as data and as code that stands alone, to copy. */
import { useSignal } from "@preact/signals"
import * as Result from "effect/Result"
import { useMemo } from "preact/hooks"
import { type ExportFormat, exportFormats, exportLoss } from "../../loss/export/index.ts"
import type { Loss } from "../../loss/loss.ts"

const names: Readonly<Record<ExportFormat, string>> = {
  json: "JSON",
  latex: "LaTeX",
  pytorch: "PyTorch",
  trl: "TRL",
  typescript: "TypeScript"
}

interface ExportsProps {
  readonly loss: Loss
  readonly format: ExportFormat
  readonly onFormat: (format: ExportFormat) => void
}

/** One format at a time. */
export const Exports = ({ loss, format, onFormat }: ExportsProps) => {
  const said = useSignal("")
  const code = useMemo(() => exportLoss(loss, format), [loss, format])
  const copy = async (text: string): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      said.value = "Copied"
    } catch {
      said.value = "The browser does not let this page copy: select the text"
    }
    setTimeout(() => {
      said.value = ""
    }, 2500)
  }
  return (
    <section aria-labelledby="export-heading" class="exports">
      <h2 id="export-heading">Use it</h2>
      <div class="choice" role="group" aria-label="Format">
        {exportFormats.map((name) => (
          <button type="button" key={name} aria-pressed={name === format} onClick={() => onFormat(name)}>
            {names[name]}
          </button>
        ))}
      </div>
      {Result.isFailure(code) ? (
        <p class="soft">{code.failure.message}</p>
      ) : (
        <>
          <p class="copy">
            <button type="button" onClick={() => void copy(code.success)}>
              Copy
            </button>{" "}
            <span role="status" class="said">
              {said}
            </span>
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
          <pre tabIndex={0} role="region" aria-label={`${names[format]} code`}>
            {code.success}
          </pre>
        </>
      )}
    </section>
  )
}
