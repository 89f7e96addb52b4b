/** The generated sbatch scripts: their text, and that no text of a user breaks out of its place in them. */
import { execFileSync, spawnSync } from "node:child_process"
import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type ScriptInput, slurmScript } from "../../src/finetune/slurm/script.ts"
import { decodeSlurmSettings, type SlurmSettings, secondsOfTime } from "../../src/finetune/slurm/settings.ts"
import { quoted } from "../../src/finetune/slurm/shell.ts"
import { submissionName } from "../../src/finetune/slurm/submit.ts"

const settingsOf = (changes: Record<string, unknown> = {}): SlurmSettings =>
  Result.getOrThrow(decodeSlurmSettings(changes))

const inputOf = (changes: Partial<ScriptInput> = {}): ScriptInput => ({
  name: "dpo-seed-1-0123456789ab",
  tasks: [{ folder: "/runs/dpo/job", attempt: 1 }],
  folder: "/runs/dpo",
  settings: settingsOf(),
  processes: 1,
  python: "/opt/venv/bin/python",
  packages: "/opt/losslattice/python",
  ...changes
})

const bash = (script: string): string => execFileSync("bash", ["-c", script], { encoding: "utf8" })

/** Any text without NUL, with much of what a shell and Slurm read in their own way. */
const text = fc
  .array(
    fc.oneof(fc.constantFrom(..."'\"\\$`%#;&|<>(){}*?~! \n\r\t=-@,"), fc.string({ unit: "grapheme", maxLength: 4 }))
  )
  .map((parts) => parts.join("").replaceAll("\0", ""))
  .filter((joined) => joined.isWellFormed())

const whole = {
  cluster: "west",
  partition: "gpu",
  account: "lab-7",
  qos: "high",
  time: "1-00:00:00",
  nodes: 2,
  gpusPerNode: 4,
  gpuType: "h100",
  cpusPerProcess: 8,
  memory: "200G",
  constraint: "(ib&nvlink)",
  extra: ["--exclusive", "--reservation=spring"],
  setup: ["module load cuda/12.4", "export NCCL_DEBUG=WARN"],
  throttle: 3
}

describe("scripts", () => {
  it("one process", async () => {
    await expect(slurmScript(inputOf())).toMatchFileSnapshot("scripts/one-process.sbatch")
  })

  it("torchrun on two nodes", async () => {
    const script = slurmScript(inputOf({ settings: settingsOf(whole), processes: 4 }))
    await expect(script).toMatchFileSnapshot("scripts/torchrun.sbatch")
  })

  it("an array whose processes are Slurm's tasks", async () => {
    const tasks = [1, 2, 1].map((attempt, i) => ({ folder: `/runs/seed ${i}`, attempt }))
    const settings = settingsOf({ ...whole, launcher: "srun" })
    await expect(slurmScript(inputOf({ tasks, settings, processes: 4 }))).toMatchFileSnapshot("scripts/array.sbatch")
  })

  it("bash reads every script", () => {
    for (const launcher of ["torchrun", "srun"]) {
      for (const processes of [1, 2]) {
        const script = slurmScript(
          inputOf({ settings: settingsOf({ ...whole, nodes: processes, launcher }), processes })
        )
        const { status, stderr } = spawnSync("bash", ["-n"], { input: script, encoding: "utf8" })
        expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
      }
    }
  })

  it("a folder's % signs would be read by Slurm, so its messages go nowhere", () => {
    expect(slurmScript(inputOf({ folder: "/runs/100%" }))).toContain("#SBATCH --output=/dev/null\n")
    expect(slurmScript(inputOf())).toContain("#SBATCH --output=%x.%j.out\n")
  })

  it("refuses what names no submission, and a script without jobs", () => {
    expect(() => slurmScript(inputOf({ tasks: [] }))).toThrow(RangeError)
    expect(() => slurmScript(inputOf({ name: "a\n#SBATCH --uid=0" }))).toThrow(RangeError)
  })
})

describe("quoting", () => {
  it("a shell reads the text as it was", () => {
    fc.assert(
      fc.property(text, (word) => {
        expect(bash(`printf %s ${quoted(word)}`)).toBe(word)
      }),
      { numRuns: 150 }
    )
    expect(() => quoted("a\0b")).toThrow(RangeError)
  })

  it("folders and programs reach the worker whole", () => {
    fc.assert(
      fc.property(text, text, text, (folder, python, packages) => {
        const tasks = [
          { folder: "/first", attempt: 1 },
          { folder, attempt: 2 }
        ]
        const lines = slurmScript(inputOf({ tasks, python, packages }))
        const begin = lines.slice(lines.indexOf("folders=("), lines.indexOf("state="))
        const programs = lines.slice(lines.indexOf("python='"), lines.indexOf("export PYTHONUNBUFFERED"))
        const print = 'printf "%s\\0" "$folder" "$attempt" "$python" "$PYTHONPATH"'
        const printed = bash(`unset PYTHONPATH; SLURM_ARRAY_TASK_ID=1\n${begin}${programs}${print}`)
        expect(printed.split("\0")).toEqual([folder, "2", python, packages, ""])
      }),
      { numRuns: 80 }
    )
  })

  it("settings are refused or stay on their own line", () => {
    const plain = slurmScript(inputOf({ settings: settingsOf({ partition: "p", nodes: 1 }) }))
    const keys = ["cluster", "partition", "account", "qos", "time", "memory", "constraint", "gpuType"] as const
    fc.assert(
      fc.property(
        fc.constantFrom(...keys),
        fc.oneof(text, fc.constantFrom("a b", "a\n#SBATCH --uid=0", "x#y")),
        (key, value) => {
          const decoded = decodeSlurmSettings({ partition: "p", gpusPerNode: 1, [key]: value })
          if (Result.isFailure(decoded)) return
          const script = slurmScript(inputOf({ settings: decoded.success }))
          const rest = (one: string) => one.split("\n").filter((line) => !line.startsWith("#SBATCH --"))
          expect(rest(script)).toEqual(rest(plain))
          for (const line of script.split("\n").filter((one) => one.startsWith("#SBATCH"))) {
            expect(line).toMatch(/^#SBATCH --[a-z-]+(=[^\s"'\\#$`]+)?$/)
          }
        }
      ),
      { numRuns: 500 }
    )
  })

  it("further options: one each, none that the script sets", () => {
    const messages = (option: string): string => {
      const decoded = decodeSlurmSettings({ extra: [option] })
      return Result.isFailure(decoded) ? decoded.failure.message : ""
    }
    expect(messages("--exclusive")).toBe("")
    expect(messages("--licenses=matlab:1")).toBe("")
    expect(messages("--exclude=n[1-4],m7")).toBe("")
    for (const bad of ["-p gpu", "exclusive", "--a b", "--x=$(id)", "--x='y'", "--x=y\n--z", "--X", ""]) {
      expect(messages(bad)).toContain("expected one option like --exclusive")
    }
    for (const own of ["--array=0-3", "--wrap=id", "--output=x", "--partition=p", "--test-only", "--no-requeue"]) {
      expect(messages(own)).toContain("is set by the script or by its own key here")
    }
  })

  it("names in the queue hold nothing but letters, digits and . _ -", () => {
    fc.assert(
      fc.property(text, (id) => {
        const name = submissionName([{ id, folder: "/", hash: "", processes: 1 }])
        expect(name).toMatch(/^[A-Za-z0-9_.-]+$/)
      })
    )
  })
})

describe("settings", () => {
  it("times as Slurm reads them", () => {
    const seconds = {
      "90": 5400,
      "1:30": 90,
      "12:00:00": 43_200,
      "2-0": 172_800,
      "1-12:30": 131_400,
      "1-00:00:05": 86_405
    }
    for (const [time, expected] of Object.entries(seconds)) expect(secondsOfTime(time)).toBe(expected)
    for (const time of ["", "1h", "1:2:3:4", "-5", "UNLIMITED", "1:100"]) expect(secondsOfTime(time)).toBeUndefined()
  })

  it.each([
    [{ time: "2", signalBefore: 120 }, "120 s before the end of a job of 120 s is no time in it"],
    [{ gpuType: "h100" }, "a GPU type without gpusPerNode"],
    [{ setup: ["module load a\nrm x"] }, "expected one line of shell"],
    [{ partition: "a b" }, "expected a name of letters"],
    [{ memory: "64GB" }, "expected megabytes"],
    [{ launcher: "mpirun" }, 'Expected "torchrun" | "srun"'],
    [{ gpus: 2 }, "gpus"]
  ])("%j is refused", (settings, message) => {
    const decoded = decodeSlurmSettings(settings)
    expect(Result.isFailure(decoded) ? decoded.failure.message : "accepted").toContain(message)
  })
})
