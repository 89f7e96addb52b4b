/**
 * @file Texts of preference data: plain text, or chat messages (`role` and `content`, or ShareGPT's `from` and `value`). The
 * PyTorch worker reads the same forms with the same reasons (python/losslattice_worker/data), held together by one fixture.
 */

/** One turn of a conversation. */
export interface Message {
  readonly role: string
  readonly content: string
}

/** A prompt or an answer: text, or messages. */
export type Text = string | ReadonlyArray<Message>

/** The fields of a row as they stand in the file. */
export type Fields = Readonly<Record<string, unknown>>

/** What is wrong with a row; thrown and caught while one row is read, see readRow. */
export class RowFault extends Error {
  override readonly name = "RowFault"
}

/** What a JSON value is, for messages. */
export const kindOfValue = (value: unknown): string => {
  if (value === null || value === undefined) return "nothing"
  if (Array.isArray(value)) return "a list"
  const kinds: Readonly<Record<string, string>> = {
    boolean: "true or false",
    number: "a number",
    string: "text",
    object: "an object"
  }
  return kinds[typeof value] ?? typeof value
}

/** A number as it is, anything else by its kind. */
export const shown = (value: unknown): string => (typeof value === "number" ? String(value) : kindOfValue(value))

/** A finite number (true is 1, false 0), or undefined. */
export const finiteNumber = (value: unknown): number | undefined => {
  if (typeof value === "boolean") return Number(value)
  return typeof value === "number" && Number.isFinite(value) ? value : undefined
}

/** Names of roles, and what they mean here. */
const roles: ReadonlyMap<unknown, string> = new Map([
  ["system", "system"],
  ["user", "user"],
  ["assistant", "assistant"],
  ["human", "user"],
  ["gpt", "assistant"],
  ["tool", "tool"]
])

const readMessage = (value: unknown, where: string): Message => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new RowFault(`${where} should be a message with role and content, found ${kindOfValue(value)}`)
  }
  const fields = value as Fields
  const [role, content] = [fields.role ?? fields.from, fields.content ?? fields.value]
  const known = roles.get(role)
  if (known === undefined) {
    const found = typeof role === "string" ? `'${role}'` : kindOfValue(role)
    throw new RowFault(`${where}.role is ${found}, allowed are ${[...roles.keys()].join(", ")}`)
  }
  if (typeof content !== "string") {
    throw new RowFault(`${where}.content should be text, found ${kindOfValue(content)}`)
  }
  return { role: known, content }
}

/** Reads a text or a list of messages; one message alone is a list of one. */
export const readText = (value: unknown, where: string): Text => {
  if (typeof value === "string") return value
  if (Array.isArray(value) && value.length > 0) return value.map((item, i) => readMessage(item, `${where}[${i}]`))
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return [readMessage(value, where)]
  const found = Array.isArray(value) ? "an empty list" : kindOfValue(value)
  throw new RowFault(`${where} should be text or a list of messages, found ${found}`)
}

/** The words of a text without roles, one message a line. */
export const contentOf = (text: Text): string =>
  typeof text === "string" ? text : text.map(({ content }) => content).join("\n")

/** Whether two texts are the same, message by message. */
export const sameText = (a: Text, b: Text): boolean => {
  if (typeof a === "string" || typeof b === "string") return a === b
  return a.length === b.length && a.every((message, i) => sameMessage(message, b[i]!))
}

/** Whether two messages are the same. */
export const sameMessage = (a: Message, b: Message): boolean => a.role === b.role && a.content === b.content
