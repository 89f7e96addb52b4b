// The counts of the last `npm test`, vitest's and pytest's together, on one line: `N passed, N failed, N skipped`.
// A test file that broke before its first test counts as failed, and so does a run that left no results.
import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const cache = fileURLToPath(new URL("../.cache", import.meta.url))

/** Where the runners leave their results. `wanted` is there while pytest is to run. */
export const results = {
  vitest: join(cache, "test-results.json"),
  pytest: join(cache, "pytest-results.xml"),
  wanted: join(cache, "pytest-wanted"),
  notRun: join(cache, "not-run.jsonl")
}

export const forgetResults = () => {
  for (const file of Object.values(results)) rmSync(file, { force: true })
}

const lost = { passed: 0, failed: 1, skipped: 0 }

const vitestCounts = () => {
  try {
    const r = JSON.parse(readFileSync(results.vitest, "utf8"))
    const broken = r.testResults.filter((f) => f.status === "failed" && f.assertionResults.length === 0).length
    return {
      passed: r.numPassedTests,
      failed: r.numFailedTests + broken,
      skipped: r.numPendingTests + (r.numTodoTests ?? 0)
    }
  } catch {
    return lost
  }
}

/** Counts of the attributes of pytest's `testsuite` element. */
const pytestCounts = () => {
  if (!existsSync(results.wanted)) return { passed: 0, failed: 0, skipped: 0 }
  try {
    const head = readFileSync(results.pytest, "utf8").match(/<testsuite [^>]*>/)[0]
    const [tests, failures, errors, skipped] = ["tests", "failures", "errors", "skipped"].map((name) =>
      Number(head.match(new RegExp(` ${name}="(\\d+)"`))[1])
    )
    return { passed: tests - failures - errors - skipped, failed: failures + errors, skipped }
  } catch {
    return lost
  }
}

export const testCounts = () => {
  const [a, b] = [vitestCounts(), pytestCounts()]
  return `${a.passed + b.passed} passed, ${a.failed + b.failed} failed, ${a.skipped + b.skipped} skipped`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(`${testCounts()}\n`)
