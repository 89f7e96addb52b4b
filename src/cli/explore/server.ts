/**
 * @file A server for this machine alone: it listens on 127.0.0.1, answers GET for the site's own paths, and refuses requests
 * whose Host is another name, so that no page elsewhere can read a run through the reader's browser.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { Site } from "./page.ts"

/** A server that listens. */
export interface Listening {
  readonly server: Server
  readonly port: number
  readonly url: string
}

const refuse = (response: ServerResponse, status: number, reason: string): void => {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(`${reason}\n`)
}

/** The path that a request asks for, relative to the page; undefined for one that cannot be read. */
const pathOf = (url: string): string | undefined => {
  try {
    const path = decodeURIComponent(url.replace(/[?#].*$/s, "")).replace(/^\//, "")
    return path === "" ? "index.html" : path
  } catch {
    return undefined
  }
}

/** A report or figure comes from a run folder: whatever is in it, it may run no script and load nothing but itself. */
const sandbox = "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; font-src data:"

const answer = async (site: Site, hosts: ReadonlySet<string>, request: IncomingMessage, response: ServerResponse) => {
  if (!hosts.has(request.headers.host ?? "")) return refuse(response, 403, "this server answers its own machine alone")
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD")
    return refuse(response, 405, "only GET is answered")
  }
  const path = pathOf(request.url ?? "/")
  const file = path === undefined ? undefined : site.file(path)
  if (file === undefined) return refuse(response, 404, "there is no such file")
  response.writeHead(200, {
    "Content-Type": file.type,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    ...(file.isPage || file.type.startsWith("text/javascript") ? {} : { "Content-Security-Policy": sandbox })
  })
  if (request.method === "HEAD") {
    response.end()
    return
  }
  // A reader who leaves early is no error; a file that breaks off ends the answer, which the page says.
  await pipeline(Readable.from(file.content), response).catch(() => response.destroy())
}

/** Listens on 127.0.0.1. @param port 0: any that is free. @throws the system's error when it cannot, EADDRINUSE for instance */
export const serve = (site: Site, port: number): Promise<Listening> =>
  new Promise((resolve, reject) => {
    const hosts = new Set<string>()
    const server = createServer((request, response) => void answer(site, hosts, request, response))
    server.once("error", reject)
    server.listen(port, "127.0.0.1", () => {
      const address = server.address()
      const taken = typeof address === "object" && address !== null ? address.port : port
      for (const name of ["127.0.0.1", "localhost"]) hosts.add(`${name}:${taken}`)
      resolve({ server, port: taken, url: `http://127.0.0.1:${taken}/` })
    })
  })
