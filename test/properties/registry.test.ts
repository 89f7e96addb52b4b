import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { exactPropertyNames } from "../../src/landscape/exactProperties.ts"
import { canonicalPropertyId, findProperty, properties, propertyNames } from "../../src/properties/registry.ts"

describe("the registry", () => {
  it("has the properties that a study needs", () => {
    const numbers = Array.from({ length: 38 }, (_, k) => k + 1)
    const ids = properties.map(({ id }) => id)
    expect(ids.filter((id) => /^P\d+$/.test(id))).toEqual(numbers.map((number) => `P${number}`))
  })

  it("gives every name to one property", () => {
    expect(new Set(propertyNames.map((name) => name.toLowerCase())).size).toBe(propertyNames.length)
  })

  it("can examine each property, and says what it is", () => {
    for (const { id, title, statement, quantifiers, source, decide, check, measure } of properties) {
      expect(decide !== undefined || check !== undefined || measure !== undefined, id).toBe(true)
      for (const text of [title, statement, quantifiers, source]) expect(text.length, id).toBeGreaterThan(5)
      expect(statement, id).toMatch(/[a-z]{3}/)
      expect(quantifiers, id).toMatch(/^(for all|along|for this)/)
    }
  })

  it("knows every exactly decidable property by its name", () => {
    for (const name of exactPropertyNames) expect(canonicalPropertyId(name), name).toBeDefined()
  })

  it("finds properties by id and alias, capitals ignored", () => {
    for (const [name, id] of [
      ["P9", "P9"],
      ["p9", "P9"],
      ["chosen-safe", "P9"],
      ["Rejected-Safe", "P10"],
      ["preference-monotone", "P8"],
      ["swap-antisymmetric", "P6"],
      ["level-invariant", "P15"],
      ["reference-invariant", "P27"],
      ["strictly-monotone", "strictly-monotone"]
    ] as const) {
      expect(canonicalPropertyId(name)).toBe(id)
    }
    expect(canonicalPropertyId("P99")).toBeUndefined()
  })

  it("finds properties with a number in their name, and no other numbers", () => {
    expect(canonicalPropertyId("KL-optimum-at:0.1")).toBe("kl-optimum-at:0.1")
    expect(canonicalPropertyId("slope-at-start:5e-2")).toBe("slope-at-start:0.05")
    for (const name of ["kl-optimum-at", "kl-optimum-at:", "kl-optimum-at:0", "kl-optimum-at:x", "p9:1"]) {
      expect(canonicalPropertyId(name), name).toBeUndefined()
    }
  })

  it("answers an unknown name with the nearest ones", () => {
    const found = findProperty("chosen-save")
    expect(Result.isFailure(found)).toBe(true)
    if (Result.isFailure(found)) {
      expect(found.failure._tag).toBe("UnknownProperty")
      expect(found.failure.nearest).toContain("chosen-safe")
      expect(found.failure.message).toContain("chosen-save")
    }
  })
})
