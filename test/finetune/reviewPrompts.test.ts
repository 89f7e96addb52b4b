import { describe, expect, it } from "vitest"
import { reviewPrompts } from "../../src/finetune/reviewPrompts.ts"
import { valence } from "../../src/finetune/sentiment.ts"

describe("prompts of reviews", () => {
  const prompts = reviewPrompts()

  it("are enough, all different, and begin a sentence without ending in a space", () => {
    expect(prompts.length).toBe(600)
    expect(new Set(prompts).size).toBe(600)
    for (const prompt of prompts) expect(prompt).toMatch(/^[A-Z].*\S$/)
  })

  it("praise and blame nothing themselves", () => {
    const loaded = prompts.filter((prompt) => valence(prompt) !== 0)
    expect(loaded).toEqual([])
  })
})
