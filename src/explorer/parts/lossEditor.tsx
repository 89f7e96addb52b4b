/** A LOSS text that can be edited in place: every state of it is read at once, a wrong one is said and changes no picture. */
import * as Result from "effect/Result"
import { useMemo, useRef } from "preact/hooks"
import { catalogueNames } from "../../loss/catalogue/index.ts"
import type { Loss } from "../../loss/loss.ts"
import { resolveLoss } from "../../loss/resolve.ts"

/** A text as it was read: the loss, or what is wrong in one sentence and the last loss that was none wrong. */
export interface ReadLoss {
  readonly text: string
  /** The loss on show: that of the text, or of the last text that named one. Undefined when there was none. */
  readonly loss: Loss | undefined
  readonly problem?: string
}

/** Reads a text, and remembers the last loss for texts that name none. */
export const useLoss = (text: string): ReadLoss => {
  const last = useRef<Loss>(undefined)
  return useMemo(() => {
    const read = resolveLoss(text)
    if (Result.isSuccess(read)) last.current = read.success
    return {
      text,
      loss: last.current,
      ...(Result.isFailure(read) ? { problem: read.failure.message } : {})
    }
  }, [text])
}

/** Forms that a reader can start from. */
const examples: ReadonlyArray<readonly [string, string]> = [
  ["a name", "dpo?beta=0.1"],
  ["a ratio", "ratio:p_w*(1-p_l)/(p_l*(1-p_w))"],
  ["logic", "logic:M(l) -> M(w); given: M(l) or M(w)"],
  ["rows", "rows:TF,TT/FT"],
  ["an expression", "expr:softplus(-0.1*((lw-rw)-(ll-rl)))"]
]

interface EditorProps {
  readonly id: string
  readonly label: string
  readonly read: ReadLoss
  readonly onText: (text: string, typing: boolean) => void
}

/** The field, the sentence about what is wrong, and forms to start from. */
export const LossEditor = ({ id, label, read, onText }: EditorProps) => (
  <div class="loss-editor">
    <label for={id}>{label}</label>
    <input
      id={id}
      type="text"
      list={`${id}-names`}
      spellcheck={false}
      autocomplete="off"
      autocapitalize="off"
      value={read.text}
      aria-invalid={read.problem !== undefined}
      aria-describedby={`${id}-problem`}
      onInput={({ currentTarget }) => onText(currentTarget.value, true)}
    />
    <datalist id={`${id}-names`}>
      {catalogueNames.map((name) => (
        <option key={name} value={name} />
      ))}
    </datalist>
    <div id={`${id}-problem`} role="alert">
      {read.problem !== undefined && (
        <>
          {read.problem}
          {read.loss !== undefined && <small> What is shown is still {read.loss.spec}.</small>}
        </>
      )}
    </div>
    <div class="examples">
      <span class="soft">Start from</span>
      {examples.map(([name, text]) => (
        <button type="button" class="quiet" key={name} title={text} onClick={() => onText(text, false)}>
          {name}
        </button>
      ))}
    </div>
  </div>
)
