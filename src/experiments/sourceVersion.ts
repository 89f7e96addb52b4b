/**
 * @file The version of code as a hash: of a module, everything it imports, directly or not, and the versions of the packages
 * among that. A stage whose sources did not change keeps its results; one whose sources did, however far down, loses them.
 */
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import { contentHash, hashOf } from "./canonical.ts"
import { StageError } from "./errors.ts"

/** The hash, and what went into it: files relative to the deepest folder that holds them all, packages with versions. */
export interface SourceVersion {
  readonly hash: string
  readonly files: ReadonlyArray<string>
  readonly packages: Readonly<Record<string, string>>
}

/**
 * The URL of a module named without its extension, relative to the module that asks: `.ts` when that runs from source, `.js`
 * from a build. What `new URL("./x.ts", import.meta.url)` would be if the compiler rewrote it.
 */
export const moduleUrl = (from: string, name: string): string =>
  new URL(name + (from.endsWith(".ts") ? ".ts" : ".js"), from).href

const staticImport = /(?:^|[\n;])\s*(?:import|export)(?!\s+type\b)\s*(?:[\w$*{}\s,]*?\s*from\s*)?["']([^"'\n]+)["']/g
const dynamicImport = /\bimport\(\s*["']([^"'\n]+)["']/g
const asset = /\bnew URL\(\s*["'](\.[^"'\n]+)["']\s*,\s*import\.meta\.url/g

const withoutComments = (code: string): string => code.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "")

/** What a module names: specifiers of `import` and `export … from` (types aside), dynamic imports, files by `new URL`. */
export const importsOf = (source: string): ReadonlyArray<string> => {
  const code = withoutComments(source)
  const found = [staticImport, dynamicImport, asset].flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => match[1]!)
  )
  return [...new Set(found)].sort()
}

/**
 * Names that a module may load by: every string that could be one. Some packages are loaded lazily by a name that is passed
 * around, which no pattern of an import shows.
 */
const namesIn = (source: string): ReadonlyArray<string> => [
  ...new Set(
    [...withoutComments(source).matchAll(/["'](@?[a-z0-9][\w./-]*)["']/g)].map((match) => packageName(match[1]!))
  )
]

const packageName = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")

/** What is known of one file: its content's hash, and what it names if it is a module. */
interface Source {
  readonly hash: string
  readonly imports: ReadonlyArray<string>
  readonly names: ReadonlyArray<string>
}

/** Files and packages already looked at. One study asks for ten versions that share most of their sources. */
export interface SourceMemory {
  readonly sources: Map<string, Source>
  readonly packages: Map<string, string>
  /** Folder → the packages that the package it belongs to declares. */
  readonly declared: Map<string, ReadonlySet<string>>
}

/** An empty memory. */
export const sourceMemory = (): SourceMemory => ({ sources: new Map(), packages: new Map(), declared: new Map() })

interface Walk {
  readonly memory: SourceMemory
  readonly files: Set<string>
  readonly packages: Set<string>
}

const readPackageVersion = Effect.fnUntraced(function* (name: string, from: string) {
  const fs = yield* FileSystem.FileSystem
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const file = join(folder, "node_modules", name, "package.json")
    if (yield* fs.exists(file))
      return String((JSON.parse(yield* fs.readFileString(file)) as { version?: unknown }).version)
    // Not installed is a version too: an optional package that appears later changes what the code does.
    if (folder === dirname(folder)) return "absent"
  }
})

/** The packages that the nearest package.json above declares, those that are optional too. */
const declaredPackages = (
  folder: string,
  memory: SourceMemory
): Effect.Effect<ReadonlySet<string>, PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const known = memory.declared.get(folder)
    if (known) return known
    const fs = yield* FileSystem.FileSystem
    const file = join(folder, "package.json")
    let declared: ReadonlySet<string> = new Set()
    if (yield* fs.exists(file)) {
      const { dependencies, peerDependencies } = JSON.parse(yield* fs.readFileString(file)) as Record<string, object>
      declared = new Set(Object.keys({ ...dependencies, ...peerDependencies }))
    } else if (folder !== dirname(folder)) declared = yield* declaredPackages(dirname(folder), memory)
    memory.declared.set(folder, declared)
    return declared
  })

const readSource = Effect.fnUntraced(function* (path: string, memory: SourceMemory) {
  const known = memory.sources.get(path)
  if (known) return known
  const fs = yield* FileSystem.FileSystem
  const bytes = yield* fs.readFile(path)
  const code = /\.[mc]?[jt]s$/.test(path) ? new TextDecoder().decode(bytes) : ""
  const source: Source = { hash: contentHash(bytes), imports: importsOf(code), names: namesIn(code) }
  memory.sources.set(path, source)
  return source
})

const visitPackage = Effect.fnUntraced(function* (name: string, from: string, walk: Walk) {
  walk.packages.add(name)
  if (!walk.memory.packages.has(name)) walk.memory.packages.set(name, yield* readPackageVersion(name, from))
})

const visit = (path: string, walk: Walk): Effect.Effect<void, PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    if (walk.files.has(path)) return
    const fs = yield* FileSystem.FileSystem
    const info = yield* fs.stat(path)
    if (info.type === "Directory") {
      for (const name of (yield* fs.readDirectory(path)).sort()) yield* visit(join(path, name), walk)
      return
    }
    walk.files.add(path)
    const { imports, names } = yield* readSource(path, walk.memory)
    for (const specifier of imports) {
      if (specifier.startsWith(".")) {
        const target = resolve(dirname(path), specifier)
        if (yield* fs.exists(target)) yield* visit(target, walk)
      } else if (!specifier.startsWith("node:")) yield* visitPackage(packageName(specifier), path, walk)
    }
    const declared = yield* declaredPackages(dirname(path), walk.memory)
    for (const name of names) if (declared.has(name)) yield* visitPackage(name, path, walk)
  })

const commonFolder = (files: ReadonlyArray<string>): string =>
  files
    .map((file) => dirname(file))
    .reduce((common, folder) => {
      let shared = common
      while (relative(shared, folder).startsWith("..")) shared = dirname(shared)
      return shared
    })

/**
 * The version of some modules, given by URL. Local imports are followed, `import type` is not (it leaves no trace at run time);
 * files named by `new URL("./…", import.meta.url)` count, folders with all they hold, and so does any declared package whose
 * name stands in a string. Fails when a module cannot be read.
 */
export const sourceVersion = Effect.fn("sourceVersion")(function* (
  modules: ReadonlyArray<string>,
  memory: SourceMemory = sourceMemory()
) {
  const walk: Walk = { memory, files: new Set(), packages: new Set() }
  for (const module of modules) {
    const path = fileURLToPath(module)
    yield* Effect.mapError(
      visit(path, walk),
      (error) => new StageError({ stage: "sources", reason: `${path}: ${error.message}` })
    )
  }
  const paths = [...walk.files].sort()
  const folder = commonFolder(paths)
  const files = paths.map((path) => relative(folder, path))
  const packages = Object.fromEntries([...walk.packages].sort().map((name) => [name, memory.packages.get(name)!]))
  const hash = hashOf({ files: paths.map((path, i) => [files[i]!, memory.sources.get(path)!.hash]), packages })
  return { hash, files, packages } satisfies SourceVersion
})

/**
 * All that some modules are made of, as it is now. Versions taken from this memory later name this code, whatever has been
 * edited meanwhile.
 */
export const rememberSources = Effect.fnUntraced(function* (modules: ReadonlyArray<string>) {
  const memory = sourceMemory()
  yield* sourceVersion(modules, memory)
  return memory
})

/** The URL of a path: what {@link sourceVersion} takes. */
export const urlOf = (path: string): string => pathToFileURL(resolve(path)).href
