import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/seed.ts"],
    // Two workers: the suite is sized for a 2-core machine, and several files train small models.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 240_000,
    // What is waited for comes; on a busy machine not within the usual second.
    expect: { poll: { timeout: 30_000 } }
  }
})
