/** Run folders that a reader opens in the page: files as the browser lists them, as run folders. */
import { isShown, type RunFiles } from "../../rundata/format.ts"

/** A file as a directory input gives it: its path begins with the name of the folder that was chosen. */
export interface PickedFile {
  readonly webkitRelativePath: string
  readonly size: number
  readonly stream: () => ReadableStream<Uint8Array<ArrayBuffer>>
}

/** A run folder of the page: its files, and the files themselves for pictures and reports. */
export interface PickedRun<F extends PickedFile = PickedFile> extends RunFiles {
  readonly file: (path: string) => F | undefined
}

/** Longest time that reading goes on without letting the page do something else, milliseconds. */
const patience = 20

async function* textOfFile(file: PickedFile): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  const reader = file.stream().getReader()
  let rested = performance.now()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      yield decoder.decode(value, { stream: true })
      if (performance.now() - rested < patience) continue
      await new Promise((resolve) => setTimeout(resolve))
      rested = performance.now()
    }
    const rest = decoder.decode()
    if (rest !== "") yield rest
  } finally {
    await reader.cancel()
  }
}

/** What makes a folder a run's: its manifest, or at least records. */
const runMark = /^(.*?)\/(?:manifest\.json|config\.yaml|records\/[^/]+\.jsonl)$/

/** The run folders among some files, in the order of their paths. */
export const pickedRuns = <F extends PickedFile>(files: ReadonlyArray<F>): ReadonlyArray<PickedRun<F>> => {
  const paths = new Map(files.map((file) => [file.webkitRelativePath, file]))
  const folders = new Set([...paths.keys()].flatMap((path) => runMark.exec(path)?.[1] ?? []))
  return [...folders].sort().map((folder) => {
    const own = new Map(
      [...paths].flatMap(([path, file]) =>
        path.startsWith(`${folder}/`) && isShown(path.slice(folder.length + 1))
          ? [[path.slice(folder.length + 1), file] as const]
          : []
      )
    )
    return {
      name: folder.split("/").slice(-2).join("/"),
      sizes: new Map([...own].map(([path, file]) => [path, file.size])),
      read: (path) => textOfFile(own.get(path)!),
      file: (path) => own.get(path)
    }
  })
}
