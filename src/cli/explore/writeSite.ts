/** @file The site as files in a folder, for any host of static files, or to be opened from disk. */
import { createWriteStream, mkdirSync, readdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { Site } from "./page.ts"

/** Whether a folder has anything in it; one that is not there has nothing. @throws when it is no folder */
export const isOccupied = (folder: string): boolean => {
  try {
    return readdirSync(folder).length > 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false
    throw error
  }
}

/** Writes all files of the site. @throws the system's error */
export const writeSite = async (site: Site, folder: string): Promise<void> => {
  for (const path of site.paths) {
    const file = join(folder, ...path.split("/"))
    mkdirSync(dirname(file), { recursive: true })
    await pipeline(Readable.from(site.file(path)!.content), createWriteStream(file))
  }
}
