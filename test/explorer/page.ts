/** The explorer's page as it is built, in a real browser, for the tests of its views. */
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { AxeBuilder } from "@axe-core/playwright"
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { browser as browserPath } from "../requirements.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** Where screenshots go that {@link screenshot} takes; not under version control. */
export const screenshots = join(root, ".cache", "explorer-screenshots")

const sourceHash = (): string => {
  const hash = createHash("sha256")
  const files = globSync(["src/**/*.{ts,tsx,css,html,json}", "scripts/explorer/*", "package-lock.json"], { cwd: root })
  for (const file of files.sort()) hash.update(file).update(readFileSync(join(root, file)))
  return hash.digest("hex").slice(0, 16)
}

let built: string | undefined

/** The file of the page, built from the source as it is now; once per state of the source. */
export const builtPage = (): string => {
  if (built !== undefined) return built
  const folder = join(root, ".cache", "explorer", sourceHash())
  if (!existsSync(folder)) {
    const making = `${folder}.${process.pid}`
    const vite = join(root, "node_modules", "vite", "bin", "vite.js")
    const config = join(root, "scripts", "explorer", "vite.config.ts")
    execFileSync(process.execPath, [vite, "build", "--config", config, "--outDir", making], { cwd: root })
    mkdirSync(join(folder, ".."), { recursive: true })
    try {
      renameSync(making, folder)
    } catch {
      // Another file's tests built the same meanwhile.
      rmSync(making, { recursive: true, force: true })
    }
  }
  built = join(folder, "index.html")
  return built
}

/** Starts Debian's Chromium without a window. Close it after the tests. */
export const launchBrowser = (): Promise<Browser> => {
  const executablePath = browserPath()
  if (executablePath === undefined) throw new Error('there is no Chromium (ask requires("browser") first)')
  return chromium.launch({ executablePath, args: ["--no-sandbox"] })
}

/** How a page is opened. */
export interface OpenOptions {
  /** Light, unless said. */
  readonly colorScheme?: "light" | "dark"
  /** Pixels; 1280 x 800 unless said. */
  readonly width?: number
  readonly height?: number
  /** The page's address up to the `#`; the built file on disk unless said. */
  readonly url?: string
}

/** A page, and what it has complained about so far: uncaught errors, and errors on its console. */
export interface Opened {
  readonly page: Page
  readonly complaints: ReadonlyArray<string>
  readonly close: () => Promise<void>
}

/** Opens a link, `#/lattice?set=monotone` for instance, in a context of its own, and waits for the first view. */
export const openPage = async (browser: Browser, link: string, options: OpenOptions = {}): Promise<Opened> => {
  const { colorScheme = "light", width = 1280, height = 800, url = pathToFileURL(builtPage()).href } = options
  const settings: BrowserContextOptions = {
    colorScheme,
    viewport: { width, height },
    permissions: ["clipboard-read", "clipboard-write"]
  }
  const context = await browser.newContext(settings)
  const page = await context.newPage()
  const complaints: Array<string> = []
  page.on("pageerror", (error) => complaints.push(error.stack ?? error.message))
  page.on("console", (message) => {
    // A page without runs beside it misses their list: that is no fault.
    const isMissingRuns = message.location().url.endsWith("data/index.js")
    if (message.type() === "error" && !isMissingRuns) complaints.push(message.text())
  })
  await page.goto(url + link)
  await page.locator("main > *").first().waitFor()
  return { page, complaints, close: () => context.close() }
}

/** Takes a picture of the whole page for people to look at: .cache/explorer-screenshots/<name>.png. */
export const screenshot = async (page: Page, name: string): Promise<void> => {
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true })
}

/** What axe-core finds wrong with the page's accessibility, a line each; best empty. */
export const accessibilityProblems = async (page: Page): Promise<ReadonlyArray<string>> => {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(" ")}: ${failureSummary ?? ""}`)
  )
}

/** All that a view shows, as text: its elements, what its fields hold, the pixels of its canvases. */
export const viewContent = (page: Page): Promise<string> =>
  page.evaluate<string>(`JSON.stringify([
    document.querySelector("main").innerHTML,
    [...document.querySelectorAll("main :is(input, select)")].map((field) => [field.value, field.checked]),
    [...document.querySelectorAll("main canvas")].map((canvas) => canvas.toDataURL())
  ])`)

/** Copies the page's link as a reader would. */
export const copiedLink = async (page: Page): Promise<string> => {
  await page.getByRole("button", { name: "Copy link" }).click()
  await page.getByText("Copied").waitFor()
  const link = await page.evaluate<string>("navigator.clipboard.readText()")
  return link.slice(link.indexOf("#"))
}
