/** docs/cli.md: every command as its own help has it, from the definitions of the commands. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Command, type HelpDoc, CliOutput as Output } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { losslattice } from "../../src/cli/main.ts"

type Help = HelpDoc.HelpDoc

/** What `losslattice PATH --help` shows, before it is text. */
const helpOf = async (path: ReadonlyArray<string>): Promise<Help> => {
  let shown: Help | undefined
  const presenter: typeof Output.defaultPresenter = {
    present: (event) =>
      Effect.sync(() => {
        if ("helpDoc" in event) shown = event.helpDoc
      })
  }
  await Effect.runPromise(
    Command.runWith(losslattice, { version: "" })([...path, "--help"]).pipe(
      Effect.provideService(Output.Presenter, presenter),
      Effect.provide(NodeServices.layer),
      Effect.ignore
    )
  )
  if (shown === undefined) throw new Error(`losslattice ${path.join(" ")} --help shows nothing`)
  return shown
}

const subcommandsOf = (help: Help): ReadonlyArray<string> =>
  (help.subcommands ?? []).flatMap(({ commands }) => commands.map(({ name }) => name))

/** The help of a command and of all below it, in the order of the help. */
const tree = async (path: ReadonlyArray<string>): Promise<ReadonlyArray<readonly [ReadonlyArray<string>, Help]>> => {
  const help = await helpOf(path)
  const below = await Promise.all(subcommandsOf(help).map((name) => tree([...path, name])))
  return [[path, help], ...below.flat()]
}

/** Text in a cell of a table. */
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;")

const table = (head: string, rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> =>
  rows.length === 0
    ? []
    : [`| ${head} | type | |`, "| --- | --- | --- |", ...rows.map((row) => `| ${row.join(" | ")} |`), ""]

const flagRows = (flags: Help["flags"]): ReadonlyArray<ReadonlyArray<string>> =>
  flags.map(({ name, aliases, type, description, required }) => [
    [`--${name}`, ...aliases].map((flag) => `\`${flag}\``).join(", "),
    // The names of a choice stand in its description.
    type === "boolean" ? "" : type.includes("|") ? "choice" : cell(type),
    cell(Option.getOrElse(description, () => "")) + (required ? " (required)" : "")
  ])

const argumentRows = (args: Help["args"]): ReadonlyArray<ReadonlyArray<string>> =>
  (args ?? []).map(({ name, type, description, required, variadic }) => [
    `\`${name}${variadic ? "…" : ""}\``,
    cell(type),
    cell(Option.getOrElse(description, () => "")) + (required ? "" : " (optional)")
  ])

const exampleLines = ({ examples = [] }: Help): ReadonlyArray<string> =>
  examples.length === 0
    ? []
    : [
        "```sh",
        ...examples.map(({ command, description }) => (description ? `${command}   # ${description}` : command)),
        "```",
        ""
      ]

const section = ([path, help]: readonly [ReadonlyArray<string>, Help]): ReadonlyArray<string> => [
  `${"#".repeat(path.length + 1)} ${path.join(" ")}`,
  "",
  `${cell(help.description)}.`,
  "",
  `\`${help.usage}\``,
  "",
  ...table("argument", argumentRows(help.args)),
  ...table("flag", flagRows(help.flags)),
  ...exampleLines(help)
]

/** The page. */
export const cliPage = async (): Promise<string> => {
  const [root, ...commands] = await tree([])
  return [
    "# Command line",
    "",
    "Every command with its arguments, flags and examples, as `--help` shows them. Written by `npm run docs:cli`. What `--json`",
    "prints is in [the JSON contract](contract.md), with the forms of a LOSS and the exit codes: 0 done, 1 the work failed, 2 the",
    "input is wrong.",
    "",
    ...table("everywhere", flagRows(root![1].globalFlags ?? [])),
    ...commands.flatMap(section)
  ]
    .join("\n")
    .replace(/\n+$/, "\n")
}
