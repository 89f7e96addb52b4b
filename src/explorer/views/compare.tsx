import type { View } from "../views.ts"

const Compare = () => <h1>Compare</h1>

export const compareView: View = { id: "compare", title: "Compare", Component: Compare }
