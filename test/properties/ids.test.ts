import { expect, it } from "vitest"
import { listedPropertyIds } from "../../src/properties/ids.ts"
import { properties } from "../../src/properties/registry.ts"

it("the light list of ids is the registry's, in its order", () => {
  expect(listedPropertyIds).toEqual(properties.map(({ id }) => id))
})
