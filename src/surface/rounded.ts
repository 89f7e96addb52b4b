/**
 * @file Kinks rounded off, for gradient flow: at a kink the flow of a loss slides along it, switching sides at every step of
 * any integrator; the flow of the rounded loss tends to that slide as the width goes to 0 and is smooth.
 */
import { differentiate } from "../loss/differentiate.ts"
import { isOperation, isPolicyInput, type NodeId, type Op, type Program } from "../loss/program.ts"
import { Graph } from "../loss/simplify.ts"

const kinked: ReadonlySet<Op> = new Set<Op>(["max", "min", "abs"])

/** Whether a program has a maximum, a minimum or an absolute value of something that moves. */
export const hasKinks = ({ nodes }: Pick<Program, "nodes">): boolean =>
  nodes.some((node) => isOperation(node) && kinked.has(node.op))

/** `max(a, b)` rounded: `b + width · softplus((a - b) / width)`, above it by at most `width · log 2`. */
const roundedMax = (graph: Graph, a: NodeId, b: NodeId, width: NodeId): NodeId =>
  graph.add(b, graph.mul(width, graph.apply("softplus", graph.div(graph.sub(a, b), width))))

/**
 * The program with every maximum, minimum and absolute value rounded over `width` nats; itself where there is none.
 * @throws RangeError unless the width is positive
 */
export const rounded = (program: Program, width: number): Program => {
  if (!(width > 0)) throw new RangeError(`rounded: the width must be positive, got ${width}`)
  if (!hasKinks(program)) return program
  const graph = new Graph()
  const size = graph.constant(width)
  const places: Array<NodeId> = []
  for (const node of program.nodes) {
    if (!isOperation(node)) {
      places.push(graph.intern(node))
      continue
    }
    const [a, b] = node.args.map((arg) => places[arg]!)
    if (node.op === "max") places.push(roundedMax(graph, a!, b!, size))
    else if (node.op === "min") places.push(graph.neg(roundedMax(graph, graph.neg(a!), graph.neg(b!), size)))
    else if (node.op === "abs") places.push(roundedMax(graph, a!, graph.neg(a!), size))
    else places.push(graph.apply(node.op, ...node.args.map((arg) => places[arg]!)))
  }
  const loss = places[program.outputs.loss]!
  const names = program.inputs.filter(isPolicyInput)
  const slopes = differentiate(
    graph,
    loss,
    names.map((name) => graph.input(name))
  )
  const gradients = Object.fromEntries(names.map((name, k) => [name, slopes[k]!]))
  return graph.finish({ loss, gradients }, program.params, program.inputs)
}
