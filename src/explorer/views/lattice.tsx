import type { View } from "../views.ts"

const Lattice = () => <h1>Lattice</h1>

export const latticeView: View = { id: "lattice", title: "Lattice", Component: Lattice }
