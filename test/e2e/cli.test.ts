/** docs/contract.md, typed into a real process: the JSON of every command that answers a question. */
import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { interrupted, json, losslattice, root } from "./process.ts"

const scratch = mkdtempSync(join(tmpdir(), "losslattice-cli-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const file = (name: string, content: unknown): string => {
  const path = join(scratch, name)
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content))
  return path
}

interface Explained {
  readonly id?: string
  readonly expressible: boolean
  readonly latticeName?: string
  readonly ticks: ReadonlyArray<string>
  readonly crosses: ReadonlyArray<string>
  readonly core: string
  readonly conditioning: string
  readonly additive: string
  readonly propositions: ReadonlyArray<string>
  readonly ratio: { readonly numerator: string; readonly denominator: string }
  readonly link: { readonly kind: string; readonly beta: number | string; readonly margin: number | string }
  readonly sameLossAs: ReadonlyArray<string>
  readonly properties: Readonly<Record<string, string>>
  readonly reason?: string
  readonly semantics: string
  readonly parts?: ReadonlyArray<{ readonly propositions: ReadonlyArray<string> }>
  readonly weighted?: { readonly ticks: Readonly<Record<string, number>> }
}

describe("explain", () => {
  it("recognises ORPO by its core ratio", () => {
    const loss = json<Explained>("explain", "ratio:p_w*(1-p_l)/(p_l*(1-p_w))")
    expect(loss).toMatchObject({
      latticeName: "ORPO",
      ticks: ["TF"],
      crosses: ["FT"],
      core: "M(l) -> M(w)",
      conditioning: "M(w) xor M(l)",
      additive: "false",
      semantics: "absolute"
    })
    expect(loss.sameLossAs).toContain("orpo_seq")
    expect(loss.properties["swap-antisymmetric"]).toBe("proved")
    expect(loss.properties.P18).toBe("not-run")
  })

  it("gives DPO's published core, over four propositions", () => {
    const loss = json<Explained>("explain", "dpo")
    expect(loss.propositions).toEqual(["M(w)", "M(l)", "Ref(w)", "Ref(l)"])
    expect(loss.core).toBe("Ref(w) and M(l) -> M(w) and Ref(l)")
    expect(loss.link).toMatchObject({ kind: "logistic", beta: 0.1, margin: 0 })
    expect(loss.sameLossAs).toEqual(expect.arrayContaining(["ipo", "cdpo", "hinge", "r_dpo", "rebel"]))
    expect(loss.sameLossAs).not.toContain("ipo_norm")
  })

  it("shows the copy variable that DPOP needs, and refuses the whole", () => {
    const loss = json<Explained>("explain", "dpop")
    expect(loss.expressible).toBe(false)
    expect(loss.parts?.some(({ propositions }) => propositions.includes("M2(w)"))).toBe(true)
  })

  it("says why KTO is no single structure", () => {
    const loss = json<Explained>("explain", "kto")
    expect(loss.expressible).toBe(false)
    expect(loss.reason).toMatch(/two sigmoids of different ratios/)
  })

  it("reports a weighted structure with its weights", () => {
    const loss = json<Explained>("explain", "ratio:(p_w+p_l)/(1-p_w)")
    expect(loss.expressible).toBe(false)
    expect(loss.weighted?.ticks).toEqual({ TF: 1, FT: 1, TT: 2 })
  })

  it("reads the f-DPO ratio of Jensen–Shannon as CPO's table over relative literals", () => {
    expect(json<Explained>("explain", "fdpo_js")).toMatchObject({ semantics: "relative", latticeName: "CPO" })
  })

  it("draws a page for people, without colour codes in a pipe", () => {
    const { code, out } = losslattice("explain", "uncpo")
    expect(code).toBe(0)
    for (const part of ["truth table", "M(l) -> M(w)", "entailed by   cCPO, cfUNL, l14, bCPO", "LaTeX"])
      expect(out).toContain(part)
    expect(out.includes(String.fromCharCode(27))).toBe(false)
  })
})

describe("eval", () => {
  it("agrees with all goldens within their tolerance", () => {
    const goldens = JSON.parse(readFileSync(join(root, "test/golden/goldens.json"), "utf8")) as ReadonlyArray<
      Record<"loss" | "dlw" | "dll", number> & { readonly id: string; readonly cond: ReadonlyArray<number | null> }
    >
    const values = json<ReadonlyArray<Record<"loss" | "dlw" | "dll", number>>>(
      "eval",
      "--cases",
      join(root, "test/golden/goldens.json")
    )
    expect(values.length).toBe(goldens.length)
    const outside = goldens.flatMap((golden, i) =>
      (["loss", "dlw", "dll"] as const).flatMap((key, k) => {
        const relative = golden.cond[k] == null ? 0 : 16 * 2 ** -52 * (1 + golden.cond[k])
        const within = Math.abs(values[i]![key] - golden[key]) <= relative * Math.abs(golden[key]) + 1e-60
        return within ? [] : [`${golden.id}.${key}`]
      })
    )
    expect(outside).toEqual([])
  })

  it("evaluates any LOSS, with parameters", () => {
    const cases = file("cases.json", [
      { loss: "ratio:p_w/p_l?beta=2", inputs: { lw: -1, ll: -2 } },
      { id: "dpo", params: { beta: 1 }, inputs: { lw: -1, ll: -2, rw: -1, rl: -1 } }
    ])
    const values = json<ReadonlyArray<{ readonly loss: number; readonly dlw: number }>>("eval", "--cases", cases)
    expect(values[0]!.loss).toBeCloseTo(Math.log1p(Math.exp(-2)), 14)
    expect(values[1]!.dlw).toBeCloseTo(-1 / (1 + Math.E), 14)
  })
})

describe("eval of what structures take", () => {
  it("reads settings that are words or truth values from params", () => {
    const inputs = { lw: -1, ll: -2, rw: -1.5, rl: -1.2 }
    const cases = file("settings.json", [
      { id: "orpo_seq", params: { link: "hinge", semantics: "relative", beta: 0.1 }, inputs },
      { loss: "hinge?beta=0.1", inputs },
      { loss: "ratio:p_w/p_l", params: { reference: true }, inputs },
      { id: "dpo", params: { beta: 1 }, inputs }
    ])
    const [orpo, hinge, ratio, dpo] = json<ReadonlyArray<{ readonly loss: number }>>("eval", "--cases", cases)
    expect(orpo!.loss).toBeCloseTo(hinge!.loss, 14)
    expect(ratio!.loss).toBeCloseTo(dpo!.loss, 14)
  })

  it("warns on stderr where a value is no number, and names the case", () => {
    const cases = file("edge.json", [
      { id: "dpo", inputs: { lw: 0, ll: -2, rw: -1, rl: -1 } },
      { id: "uncpo", inputs: { lw: 0, ll: -2 } }
    ])
    const { code, out, err } = losslattice("eval", "--cases", cases, "--json")
    expect(code).toBe(0)
    expect(JSON.parse(out)[1].dlw).toBe("NaN")
    expect(err).toMatch(/^losslattice: warning: .*edge\.json\[1\]: uncpo .*dlw is NaN\n$/)
  })
})

describe("compare", () => {
  it("orders CPO below unCPO with a certificate", () => {
    const found = json<Record<string, unknown>>("compare", "cpo_core", "uncpo")
    expect(found).toMatchObject({
      entails: "A⊑B",
      sameLoss: false,
      dominance: { verdict: "A<=B" },
      meet: "rows:TF,TT/FT,TT",
      join: "rows:FF,TF,TT/FT",
      sameLink: true
    })
  })

  it("finds one loss behind different rows", () => {
    const found = json<{ readonly sameLoss: boolean; readonly entails: string }>(
      "compare",
      "rows:FF,FT,TF,TT/FF,FT",
      "rows:TF,TT,FF,FT/FF,FT"
    )
    expect(found).toMatchObject({ sameLoss: true, entails: "both" })
    const free = json<{ readonly sameLoss: boolean }>("compare", "ratio:1/(1-p_w)", "ratio:(1-p_l)/((1-p_w)*(1-p_l))")
    expect(free.sameLoss).toBe(true)
  })

  it("gives a witness each way when neither dominates", () => {
    const { dominance } = json<{
      readonly dominance: {
        readonly verdict: string
        readonly witnesses: ReadonlyArray<{ readonly rhoA: number; readonly rhoB: number }>
      }
    }>("compare", "ccpo", "qfunl")
    expect(dominance.verdict).toBe("incomparable")
    expect(dominance.witnesses.some(({ rhoA, rhoB }) => rhoA > rhoB)).toBe(true)
    expect(dominance.witnesses.some(({ rhoA, rhoB }) => rhoA < rhoB)).toBe(true)
  })

  it("reads both relatively when one has no other reading", () => {
    expect(json("compare", "dpo", "fdpo_js")).toMatchObject({ semantics: "relative" })
    const { code, err } = losslattice("compare", "cpo_core", "fdpo_js")
    expect(code).toBe(2)
    expect(err).toContain("relative")
  })
})

describe("powers of the odds", () => {
  it("pass verification, which says what it leaves open", () => {
    const written = losslattice("validate", "cpo_core?oddsBeta=2", "--property", "P8,P9,P15", "--json").out
    const { out, code } = losslattice("verify", file("powers.json", written))
    expect(code).toBe(0)
    expect(out).toMatch(/not checked +P9, P15/)
  })
})

describe("the relative landscape", () => {
  it("has the counts of the absolute one, and says what is decided anew", () => {
    const relative = json<Record<string, unknown>>("landscape", "--semantics", "relative")
    const absolute = json<Record<string, unknown>>("landscape")
    expect(relative).toMatchObject(absolute)
    expect(relative.decidedAnew).toContainEqual({ property: "chosen-safe", absolute: 24, relative: 13 })
    expect(absolute.semantics).toBeUndefined()
  })

  it("sets the sixteen beside their twins", () => {
    const { twins, others } = json<{
      twins: ReadonlyArray<{
        name: string
        relativeLoss: string
        published: ReadonlyArray<{ id: string }>
        properties: Record<string, { absolute: { verdict: string }; relative: { verdict: string }; differs: boolean }>
      }>
      others: ReadonlyArray<{ id: string }>
    }>("twins")
    expect(twins).toHaveLength(16)
    const cpo = twins.find(({ name }) => name === "CPO")!
    expect(cpo.published.map(({ id }) => id)).toEqual(["fdpo_js"])
    expect(cpo.properties["chosen-safe"]).toMatchObject({
      absolute: { verdict: "proved" },
      relative: { verdict: "refuted" },
      differs: true
    })
    expect(others.map(({ id }) => id)).toContain("nca_pair")
    expect(losslattice("twins").out).toMatch(/CPO: fdpo_js/)
    const twin = json<{ latticeName: string; sameLossAs: ReadonlyArray<string> }>("explain", cpo.relativeLoss)
    expect(twin.latticeName).toBe("CPO")
    expect(twin.sameLossAs).toContain("fdpo_js")
  })
})

describe("landscape", () => {
  it("counts one and two propositions exactly", () => {
    expect(json("landscape", "--propositions", "M(w)")).toMatchObject({
      structures: 16,
      nonDegenerate: 9,
      distinctLosses: 7
    })
    expect(json("landscape", "--propositions", "M(w),M(l)")).toMatchObject({
      structures: 256,
      nonDegenerate: 225,
      distinctLosses: 187,
      zeroClassSize: 15,
      monotone: 41,
      admissible: 16,
      admissibleCovers: 32
    })
  })

  it("never estimates what it cannot list", () => {
    const counts = json<Record<string, unknown>>("landscape", "--propositions", "M(w),M(l),Ref(w),Ref(l)")
    expect(counts).toMatchObject({ structures: 2 ** 32, distinctLosses: null, monotone: null })
  })
})

describe("validate", () => {
  it("proves, refutes with a small bandit, and repeats itself with the seed", () => {
    const args = ["validate", "uncpo", "--property", "P9", "--property", "P10", "--seed", "3", "--runs", "50"]
    const first = json<{
      readonly results: ReadonlyArray<{
        readonly property: string
        readonly verdict: string
        readonly counterexample?: { readonly text: string }
      }>
    }>(...args)
    expect(first.results.map(({ property, verdict }) => [property, verdict])).toEqual([
      ["P9", "refuted"],
      ["P10", "proved"]
    ])
    expect(first.results[0]!.counterexample?.text).toMatch(/chosen/)
    expect(json(...args)).toEqual(first)
  })

  it("ends with 1 when an expectation fails, with 0 when it holds", () => {
    const right = file("right.json", { P9: "refuted" })
    const wrong = file("wrong.json", { P9: "proved" })
    expect(losslattice("validate", "uncpo", "--expect", right).code).toBe(0)
    const { code, err } = losslattice("validate", "uncpo", "--expect", wrong)
    expect(code).toBe(1)
    expect(err).toContain("P9: expected proved, found refuted")
    // Asking for another property does not let the expectation pass unexamined.
    expect(losslattice("validate", "uncpo", "--property", "P10", "--expect", wrong).code).toBe(1)
  })
})

describe("derive", () => {
  const query = file(
    "query.yaml",
    "order: {between: [CPO, unCPO]}\nrankBy: {outcome: regret, direction: min, steps: 20, seeds: [1]}\n"
  )

  it("answers with losses that resolve, ranked, and accounts for the whole landscape", () => {
    const { candidates, examined, pruned } = json<{
      candidates: ReadonlyArray<{
        loss: string
        latticeName?: string
        outcome: number
        properties: Record<string, string>
      }>
      examined: number
      pruned: number
    }>("derive", query)
    expect(candidates.map(({ latticeName }) => latticeName).toSorted()).toEqual(["CPO", "cCPO", "l14", "unCPO"])
    expect(candidates.map(({ outcome }) => outcome)).toEqual(
      candidates.map(({ outcome }) => outcome).toSorted((a, b) => a - b)
    )
    expect([examined, pruned]).toEqual([4, 252])
    const last = candidates.find(({ latticeName }) => latticeName === "unCPO")!
    expect(json<Explained>("explain", last.loss).latticeName).toBe("unCPO")
    expect(last.properties).toMatchObject({ "chosen-safe": "refuted", "rejected-safe": "proved" })
  })

  it("ends at Ctrl-C in the middle of a long search", async () => {
    const long =
      "propositions: [M(w), M(l), Ref(w), Ref(l)]\nstart: [dpo]\nmaxDistance: 3\nrequire: [strictly-monotone]\n"
    const { signal, out } = await interrupted(2500, "derive", file("long.yaml", long))
    expect(signal).toBe("SIGINT")
    expect(out).toBe("")
  })

  it("prints what it ranked by", () => {
    const { out } = losslattice("derive", query)
    expect(out).toMatch(/^4 losses\nstructures +256 over M\(w\), M\(l\): 252 ruled out unlisted, 4 examined\n/)
    expect(out.match(/^ {3}by +regret [\d.]+$/gm)).toHaveLength(4)
  })
})

describe("export", () => {
  it("writes a loss that reads back as the same loss", () => {
    const path = join(scratch, "loss.json")
    expect(losslattice("export", "ccpo", "--to", "json", "--out", path).code).toBe(0)
    const found = json<{ readonly sameLoss: boolean; readonly sameLink: boolean }>("compare", path, "ccpo")
    expect(found).toMatchObject({ sameLoss: true, sameLink: true })
  })

  it("writes every form", () => {
    for (const form of ["json", "latex", "pytorch", "trl", "typescript"]) {
      const { code, out } = losslattice("export", "dpo", "--to", form)
      expect(code).toBe(0)
      expect(out.length).toBeGreaterThan(40)
    }
  })
})

describe("doctor", () => {
  it("lists the engines with reasons", () => {
    const report = json<{
      readonly node: string
      readonly engines: ReadonlyArray<{ readonly id: string; readonly available: boolean }>
    }>("doctor")
    expect(report.node).toMatch(/^v24\./)
    expect(report.engines).toContainEqual(expect.objectContaining({ id: "tfjs-wasm", available: true }))
  })
})

describe("stdout", () => {
  const bin = join(root, "bin/losslattice.mjs")

  it("that is closed early by its reader ends the command without a word", () => {
    const command = `"${process.execPath}" "${bin}" explain dpo --json | head -n 1; exit "\${PIPESTATUS[0]}"`
    const { status, stdout, stderr } = spawnSync("bash", ["-c", command], { encoding: "utf8" })
    expect([status, stdout, stderr]).toEqual([0, "{\n", ""])
  })

  it.runIf(existsSync("/dev/full"))("that takes nothing more is one sentence, not a stack trace", () => {
    const full = openSync("/dev/full", "w")
    const { status, stderr } = spawnSync(process.execPath, [bin, "explain", "dpo"], {
      encoding: "utf8",
      stdio: ["ignore", full, "pipe"]
    })
    expect(status).toBe(1)
    expect(stderr).toMatch(/^losslattice: the output cannot be written: [^\n]+\n$/)
  })
})

describe("pages for people", () => {
  const latex = /\\[a-z]+/
  it.each([
    ["explain", "dpo"],
    ["explain", "kto"],
    ["explain", "ratio:(p_w+p_l)/(1-p_w)"],
    ["compare", "ce_odds", "rows:0b01101111/0b11010111@M(w),M(l),M2(w)"],
    ["landscape", "--propositions", "M(w),M(l),Ref(w),Ref(l)"],
    ["landscape", "--semantics", "relative"],
    ["twins"],
    ["validate", "uncpo", "--property", "P1,P9,strictly-monotone", "--runs", "5"],
    ["derive", "configs/derive/novel-monotone.yaml"]
  ])("fit 80 columns, formulas in LaTeX aside: %s %s", (...args) => {
    const { code, out } = losslattice(...args)
    expect(code).toBe(0)
    expect(out.split("\n").filter((line) => [...line].length > 80 && !latex.test(line))).toEqual([])
  })

  it("bracket the sides of a term's ratio", () => {
    expect(losslattice("explain", "kto").out).toContain("log(p_w / (r_w*exp(kl)))")
  })

  it.each([
    ["r_dpo", "t = 0.1 rho + 0.05*(nw - nl)"],
    ["modpo", "t = 0.2 rho - (s_w - s_l)"],
    ["awp_hinge", "t = rho + 1"],
    ["ratio:p_w*exp(nw*(nl-1))/(p_l*nw)", "t = rho - (log(nw) - nw*(nl - 1))"]
  ])("subtract the margin of %s as a whole", (spec, text) => {
    expect(losslattice("explain", spec).out).toContain(text)
  })

  it("say once that two losses are equal", () => {
    const { out } = losslattice("compare", "orpo_seq", "rows:TF/FT")
    expect(out).toMatch(/certificate\s+N_B\*D_A - N_A\*D_B is 0 identically/)
  })
})

describe("help", () => {
  it("every command has help with a description, and completions exist", () => {
    const { out } = losslattice("--help")
    const commands = [...out.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name]) => name!)
    for (const name of [
      "explain",
      "eval",
      "compare",
      "landscape",
      "neighbourhood",
      "interval",
      "validate",
      "derive",
      "run",
      "figures",
      "export",
      "doctor"
    ]) {
      expect(commands).toContain(name)
    }
    for (const name of commands) expect(losslattice(name, "--help").out, name).toContain("EXAMPLES")
    expect(losslattice("--completions", "bash").out).toContain("explain")
  })
})
