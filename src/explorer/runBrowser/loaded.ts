/** What a promise gives, for a component: not there yet, there, or why not. */
import { useEffect, useState } from "preact/hooks"

export type Loaded<A> =
  | { readonly is: "loading" }
  | { readonly is: "there"; readonly value: A }
  | { readonly is: "failed"; readonly reason: string }

/** Loads again when `key` changes. */
export const useLoaded = <A>(key: string, load: () => Promise<A>): Loaded<A> => {
  const [state, setState] = useState<{ readonly key: string; readonly loaded: Loaded<A> }>()
  useEffect(() => {
    let current = true
    const end = (loaded: Loaded<A>): void => {
      if (current) setState({ key, loaded })
    }
    load().then(
      (value) => end({ is: "there", value }),
      (error) => end({ is: "failed", reason: error instanceof Error ? error.message : String(error) })
    )
    return () => {
      current = false
    }
  }, [key])
  return state?.key === key ? state.loaded : { is: "loading" }
}
