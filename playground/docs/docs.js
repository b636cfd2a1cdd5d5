/** Shows the server's /openapi.json with swagger-ui; where that needs a key, asks for it. The key stays in this tab. */
const KEY = "kserve-transformer.api-key";
const place = document.getElementById("page");

function credentials() {
  const key = sessionStorage.getItem(KEY) ?? "";
  if (key === "") return {};
  return key.split(".").length === 3 ? { authorization: `Bearer ${key}` } : { "x-api-key": key };
}

async function show() {
  const response = await fetch("../openapi.json", { headers: credentials() });
  if (response.status === 401) {
    askForKey();
    return;
  }
  globalThis.SwaggerUIBundle({
    spec: await response.json(),
    domNode: place,
    deepLinking: true,
    tryItOutEnabled: true,
    validatorUrl: null,
    requestInterceptor: (request) => {
      Object.assign(request.headers, credentials());
      return request;
    },
  });
}

function askForKey() {
  const form = document.createElement("form");
  const input = Object.assign(document.createElement("input"), { type: "password", autocomplete: "off" });
  input.setAttribute("aria-label", "API key or token");
  form.append(
    "This server asks for credentials: ",
    input,
    Object.assign(document.createElement("button"), { textContent: "Use key" }),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem(KEY, input.value);
    form.remove();
    void show();
  });
  place.replaceChildren(form);
}

await show();
