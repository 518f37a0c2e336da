import { render } from "preact";

import { App } from "./app.tsx";
import { applyTheme, chosenTheme } from "./theme.ts";

const root = document.getElementById("page");
if (root === null) throw new Error("the document has no place for the page");
applyTheme(chosenTheme());
render(<App />, root);
