/** Starts the page. */
import { render } from "preact"
import { App } from "./app.tsx"
import "./mathjs.ts"
import { followAddress } from "./state.ts"
import "./theme.css"

followAddress()
render(<App />, document.getElementById("app")!)
