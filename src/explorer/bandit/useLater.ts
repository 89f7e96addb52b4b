/** Puts off what can wait, so that a page appears in short pieces of work and answers in between. */
import { useEffect, useState } from "preact/hooks"

/** True from the next task after `ready` was first true. */
export const useLater = (ready: boolean): boolean => {
  const [later, setLater] = useState(false)
  useEffect(() => {
    if (!ready) return
    const timer = setTimeout(() => setLater(true))
    return () => clearTimeout(timer)
  }, [ready])
  return later
}
