import type { View } from "../views.ts"

const Loss = () => <h1>Loss</h1>

export const lossView: View = { id: "loss", title: "Loss", Component: Loss }
