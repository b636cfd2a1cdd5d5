import { render } from "preact";
import { App } from "./app.tsx";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/request.css";
import "./styles/response.css";
import "./styles/trace.css";
import "./styles/tensor.css";

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
