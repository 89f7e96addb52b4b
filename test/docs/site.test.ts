/** The docs site as `npm run docs` builds it: links and anchors lead somewhere, mathematics is set, search finds. */
import { spawnSync } from "node:child_process"
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { chromium } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { cliPage } from "../../scripts/docs/cli.ts"
import { docstringsOf, entryPoints } from "../../scripts/docs/deno.ts"
import { sidebar } from "../../scripts/docs/pages.ts"
import { root } from "../e2e/process.ts"
import { browser, requires } from "../requirements.ts"

const site = mkdtempSync(join(tmpdir(), "losslattice-site-"))
beforeAll(() => {
  const program = join(root, "scripts/docs.ts")
  const { status, stderr } = spawnSync(process.execPath, [program, "--outDir", site], { cwd: root, encoding: "utf8" })
  expect(status, stderr).toBe(0)
})
afterAll(() => rmSync(site, { recursive: true, force: true }))

const text = (file: string): string => readFileSync(join(site, file), "utf8")
const idsOf = (file: string): ReadonlySet<string> =>
  new Set([...text(file).matchAll(/ id="([^"]*)"/g)].map((match) => match[1]!.replaceAll("&quot;", '"')))

describe("the site", () => {
  it("has no link or anchor that leads nowhere", () => {
    const pages = globSync("**/*.html", { cwd: site })
    expect(pages.length).toBeGreaterThan(30)
    const ids = new Map(pages.map((page) => [page, idsOf(page)]))
    const broken = pages.flatMap((page) =>
      [...text(page).matchAll(/<(?:a|img)\b[^>]*? (?:href|src)="([^"]*)"/g)].flatMap(([, link]) => {
        const [path = "", anchor] = link!.split("#")
        if (/^([a-z]+:|\/\/)/i.test(link!) || page === "404.html") return []
        const file = path === "" ? page : path.startsWith("/") ? path.slice(1) : join(dirname(page), path)
        const target = file === "" || file.endsWith("/") ? `${file}index.html` : file
        const there = existsSync(join(site, target)) && (!anchor || ids.get(target)?.has(decodeURIComponent(anchor)))
        return there ? [] : [`${page}: ${link}`]
      })
    )
    expect([...new Set(broken)]).toEqual([])
  })

  it("fetches nothing from elsewhere", () => {
    const foreign = globSync("**/*.html", { cwd: site }).filter((page) =>
      /<(?:script|link|img|iframe)\b[^>]* (?:src|href)="(?:https?:)?\/\//.test(text(page))
    )
    expect(foreign).toEqual([])
  })

  it("lists every page", () => {
    const listed = JSON.stringify(sidebar)
    const pages = globSync("**/*.md", { cwd: join(root, "docs"), exclude: ["api/**"] })
    const links = pages.filter((page) => page !== "index.md").map((page) => page.replace(/(README)?\.md$/, ""))
    expect(links.filter((link) => !listed.includes(`"/${link}"`))).toEqual([])
  })
})

describe("the reference", () => {
  it("of the command line is what the commands say", async () => {
    expect((await cliPage()) === readFileSync(join(root, "docs/cli.md"), "utf8"), "npm run docs:cli").toBe(true)
  })

  it.each(Object.entries(entryPoints))("of %s says something of every name", (_, source) => {
    const docstrings = docstringsOf(source)
    expect(docstrings.size).toBeGreaterThan(20)
    expect([...docstrings].filter(([, docstring]) => docstring === "").map(([name]) => name)).toEqual([])
  })
})

const types: Readonly<Record<string, string>> = {
  html: "text/html",
  js: "text/javascript",
  css: "text/css",
  svg: "image/svg+xml"
}

const serve = (): Server =>
  createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost")
    const file = resolve(site, `.${decodeURI(pathname)}`, pathname.endsWith("/") ? "index.html" : "")
    const there = file.startsWith(site) && existsSync(file) && statSync(file).isFile()
    response.writeHead(there ? 200 : 404, {
      "content-type": types[file.split(".").at(-1)!] ?? "application/octet-stream"
    })
    response.end(there ? readFileSync(file) : "")
  }).listen(0, "127.0.0.1")

describe.runIf(requires("browser"))("the site in a browser", () => {
  it("sets mathematics and finds a word", { timeout: 60_000 }, async () => {
    const server = serve()
    const chrome = await chromium.launch({ executablePath: browser()!, args: ["--no-sandbox"] })
    try {
      const page = await chrome.newPage()
      const problems: Array<string> = []
      page.on("pageerror", (error) => problems.push(error.message))
      page.on("requestfailed", (request) => problems.push(request.url()))
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/worked-example.html`)
      expect(await page.locator(".katex-display").count()).toBe(2)
      expect(await page.locator(".katex-error").count()).toBe(0)
      const font = await page.evaluate(`document.fonts.load("16px KaTeX_Main").then((fonts) => fonts.length)`)
      expect(font).toBe(1)
      await page.locator("#local-search button").click()
      await page.locator("#localsearch-input").fill("chosen-safe")
      await page.locator("#localsearch-list a").first().waitFor()
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true)
      expect(problems).toEqual([])
    } finally {
      await chrome.close()
      server.close()
    }
  })
})
