/** @file What a run was made with: the program's version, its packages, and the commit of its sources. */
import { execFile } from "node:child_process"
import { existsSync, readFileSync, realpathSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** Parts of a manifest that are the same for every run of one installation. */
export interface Provenance {
  readonly program: { readonly name: string; readonly version: string }
  readonly node: string
  readonly packages: Readonly<Record<string, string>>
  readonly commit?: string
  readonly dirty?: boolean
}

const packageRoot = fileURLToPath(new URL("../../", import.meta.url))

interface PackageFile {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
}

const readPackage = (folder: string): PackageFile =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as PackageFile

const installedVersion = (name: string): string => {
  for (let folder = packageRoot; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name)
    if (existsSync(join(candidate, "package.json"))) return readPackage(candidate).version
    if (folder === dirname(folder)) return "absent"
  }
}

const git = (...args: ReadonlyArray<string>): Effect.Effect<Option.Option<string>> =>
  Effect.callback<Option.Option<string>>((resume) => {
    execFile("git", [...args], { cwd: packageRoot, timeout: 10_000 }, (error, stdout) => {
      resume(Effect.succeed(error ? Option.none() : Option.some(stdout.trim())))
    })
  })

/** Commit and dirty flag of the program's own checkout; nothing when it is installed as a package, or there is no git. */
const checkout = Effect.gen(function* () {
  const top = yield* git("rev-parse", "--show-toplevel")
  if (Option.isNone(top) || realpathSync(top.value) !== realpathSync(packageRoot)) return {}
  const commit = yield* git("rev-parse", "HEAD")
  const changes = yield* git("status", "--porcelain")
  return Option.isSome(commit) && Option.isSome(changes) ? { commit: commit.value, dirty: changes.value !== "" } : {}
})

/** Looks the installation over. */
export const provenance: Effect.Effect<Provenance> = Effect.gen(function* () {
  const own = readPackage(packageRoot)
  const names = Object.keys(own.dependencies ?? {}).sort()
  return {
    program: { name: own.name, version: own.version },
    node: process.version,
    packages: Object.fromEntries(names.map((name) => [name, installedVersion(name)])),
    ...(yield* checkout)
  }
})
