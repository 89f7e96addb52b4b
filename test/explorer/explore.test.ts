/** `losslattice explore` in a real process: what it refuses, what it serves and to whom, what it writes. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, request } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Browser } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { root } from "../e2e/process.ts"
import { requires } from "../requirements.ts"
import { builtPage, launchBrowser, openPage } from "./page.ts"

const folder = mkdtempSync(join(tmpdir(), "losslattice-explore-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const bin = join(root, "bin", "losslattice.mjs")
const environment = () => ({ ...process.env, LOSSLATTICE_PAGE: builtPage() })

const explore = (...args: ReadonlyArray<string>) => {
  const options = { cwd: folder, env: environment(), encoding: "utf8" } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, "explore", "--no-open", ...args], options)
  return { code: status, out: stdout, err: stderr }
}

/** A run whose manifest breaks off, with one line of records and a figure that carries a script. */
const run = join("runs", "tiny", "0123456789ab")
beforeAll(() => {
  for (const part of ["records", "figures"]) mkdirSync(join(folder, run, part), { recursive: true })
  writeFileSync(join(folder, run, "manifest.json"), '{\n  "version": 1,\n  "study": "ti')
  writeFileSync(join(folder, run, "records", "bandit.jsonl"), '{"loss":"dpo","step":1}\n')
  writeFileSync(
    join(folder, run, "figures", "one.svg"),
    '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
  )
})

describe("what is refused, with exit code 2 and one sentence", () => {
  const refused = (pattern: RegExp, ...args: ReadonlyArray<string>) => {
    const { code, out, err } = explore(...args)
    expect([code, out]).toEqual([2, ""])
    expect(err).toMatch(pattern)
    expect(err.trim().split("\n")).toHaveLength(1)
  }

  it("a name that is no run", () => {
    refused(/^losslattice: tony: no such run; .* nearest: tiny/, "tony")
    mkdirSync(join(folder, "empty"))
    refused(/empty: no run in it/, "empty")
  })

  it("a port that is none, or taken", async () => {
    refused(/--port: expected 0 to 65535, found 70000/, "--port", "70000")
    const other = createServer().listen(0, "127.0.0.1")
    await new Promise((resolve) => other.once("listening", resolve))
    const { port } = other.address() as AddressInfo
    refused(new RegExp(`--port ${port}: another program listens there`), "--port", String(port))
    other.close()
  })

  it("a folder with something in it, or a file in its place", () => {
    refused(/--build runs: there is something in it.*--force/, "--build", "runs")
    writeFileSync(join(folder, "file"), "")
    refused(/--build file: is no folder/, "--build", "file")
  })

  it("a page that has not been built", () => {
    const env = { ...process.env, LOSSLATTICE_PAGE: join(folder, "nowhere.html") }
    const ended = spawnSync(process.execPath, [bin, "explore", "--no-open"], { cwd: folder, env, encoding: "utf8" })
    expect(ended.status).toBe(2)
    expect(ended.stderr).toMatch(/has not been built: npm run build/)
  })
})

interface Reply {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** A request as it is: `fetch` would tidy the path and own the Host. */
const ask = (port: number, path: string, method = "GET", host = `127.0.0.1:${port}`): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const asking = request({ host: "127.0.0.1", port, path, method, headers: { Host: host } }, (response) => {
      let body = ""
      response.setEncoding("utf8")
      response.on("data", (chunk) => (body += chunk))
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }))
    })
    asking.on("error", reject)
    asking.end()
  })

describe("the server", () => {
  let server: ChildProcess
  let url = ""
  let port = 0
  beforeAll(async () => {
    const args = [bin, "explore", "tiny", "--port", "0", "--no-open"]
    server = spawn(process.execPath, args, { cwd: folder, env: environment(), stdio: ["ignore", "pipe", "pipe"] })
    url = await new Promise((resolve) => server.stdout!.once("data", (chunk) => resolve(String(chunk).trim())))
    port = Number(new URL(url).port)
  })
  afterAll(() => server.kill("SIGKILL"))

  it("serves the page and the run, a broken one as far as it goes", async () => {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    const page = await ask(port, "/")
    expect([page.status, page.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"])
    expect(page.body).toBe(readFileSync(builtPage(), "utf8"))
    const index = await ask(port, "/data/index.js")
    expect(index.body).toMatch(/losslatticeRuns = .*0123456789ab/)
    expect((await ask(port, "/data/0/run.js")).body).toMatch(/manifest\.json/)
    expect((await ask(port, "/data/0/records/bandit.js")).body).toMatch(/^losslatticeTable\(/)
    expect((await ask(port, "/data/0/run.js", "HEAD")).body).toBe("")
  })

  it("lets no figure or report of a run do anything", async () => {
    const { headers, body } = await ask(port, "/data/0/figures/one.svg")
    expect(body).toContain("<script>")
    expect(headers["content-security-policy"]).toMatch(/^sandbox; default-src 'none'/)
    expect(headers["x-content-type-options"]).toBe("nosniff")
  })

  it("answers its own machine's names alone, GET alone, paths inside alone", async () => {
    for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1", `[::1]:${port}`]) {
      expect((await ask(port, "/", "GET", host)).status).toBe(403)
    }
    expect((await ask(port, "/", "GET", `localhost:${port}`)).status).toBe(200)
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) expect((await ask(port, "/", method)).status).toBe(405)
    const outside = [
      "/../package.json",
      "/%2e%2e/%2e%2e/etc/passwd",
      "//etc/passwd",
      "/data/0/manifest.json",
      "/data/../../x"
    ]
    for (const path of [...outside, "/%", "/data/1/run.js"]) expect((await ask(port, path)).status).toBe(404)
  })

  it("listens on 127.0.0.1 alone", async () => {
    const { networkInterfaces } = await import("node:os")
    const elsewhere = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .find(({ family, internal }) => family === "IPv4" && !internal)
    if (elsewhere === undefined) return
    const reached = await fetch(`http://${elsewhere.address}:${port}/`).then(
      () => true,
      () => false
    )
    expect(reached).toBe(false)
  })

  it("ends with Ctrl-C", async () => {
    const ended = new Promise((resolve) => server.once("close", (code, signal) => resolve(signal ?? code)))
    server.kill("SIGINT")
    expect(["SIGINT", 130]).toContain(await ended)
  })
})

describe.runIf(requires("browser"))("in the browser", () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  it("what --build writes opens from disk, run included", async () => {
    const { code, out, err } = explore(run, "--build", "site")
    expect(code, err).toBe(0)
    expect(out).toBe(`${join("site", "index.html")}\n`)
    const url = pathToFileURL(join(folder, "site", "index.html")).href
    const opened = await openPage(browser, "#/runs", { url })
    await opened.page.getByText("0123456789ab").first().waitFor()
    await opened.close()
    const again = explore(run, "--build", "site", "--force")
    expect(again.code).toBe(0)
  })

  it("a link served opens the same view as from disk", async () => {
    const args = [bin, "explore", "--port", "0", "--no-open"]
    const server = spawn(process.execPath, args, { cwd: folder, env: environment(), stdio: ["ignore", "pipe", "pipe"] })
    const url = await new Promise<string>((resolve) =>
      server.stdout.once("data", (chunk) => resolve(String(chunk).trim()))
    )
    const link = "#/loss?loss=orpo_seq&axes=prob"
    const [served, disk] = [await openPage(browser, link, { url }), await openPage(browser, link)]
    const picture = `document.querySelector("canvas").toDataURL()`
    expect(await served.page.evaluate(picture)).toBe(await disk.page.evaluate(picture))
    await served.page.locator(".property").first().waitFor()
    expect(served.complaints).toEqual([])
    await served.close()
    await disk.close()
    server.kill("SIGKILL")
  })
})
