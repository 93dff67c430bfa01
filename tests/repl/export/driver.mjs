// Drives a headless Chromium for the tests: a JSON array a line in, [verb, argument...];
// a JSON object a line out, {value} or {error}. The arguments are the folder in which the
// packages of npm are, and the browser.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, chromium] = process.argv.slice(2);
const require = createRequire(`${folder}/node_modules/`);
const browser = await require("playwright-core").chromium.launch({
  executablePath: chromium,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

let context;
let page;
let requests = [];
let complaints = [];

const source = (name) => readFileSync(`${folder}/node_modules/${name}`, "utf-8");

const VERBS = {
  async open(url, options) {
    await context?.close();
    requests = [];
    complaints = [];
    context = await browser.newContext(options);
    page = await context.newPage();
    page.on("request", (each) => requests.push(each.url()));
    page.on("console", (each) => {
      if (["error", "warning"].includes(each.type())) complaints.push(each.text());
    });
    page.on("pageerror", (each) => complaints.push(String(each)));
    page.on("dialog", (each) => { complaints.push(`dialog ${each.message()}`); each.dismiss(); });
    const [address, hash] = url.split("#");
    await page.goto(pathToFileURL(address).href + (hash ? `#${hash}` : ""));
  },
  evaluate: (expression) => page.evaluate(expression),
  press: async (...keys) => { for (const key of keys) await page.keyboard.press(key); },
  resize: (width, height) => page.setViewportSize({ width, height }),
  media: (options) => page.emulateMedia(options),
  screenshot: async (path, options) => { await page.screenshot({ path, ...options }); },
  pdf: async (path) => { await page.pdf({ path }); },
  traffic: () => ({ requests, complaints }),
  async axe() {
    await page.evaluate(source("axe-core/axe.min.js"));
    const found = await page.evaluate(`axe.run(document, {resultTypes: ["violations"]})`);
    return found.violations.map((each) => `${each.id}: ${each.help}: ` +
      each.nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" | "));
  },
  async mermaid(text) {
    const blank = await browser.newPage();
    await blank.addScriptTag({ content: source("mermaid/dist/mermaid.min.js") });
    const drawn = await blank.evaluate(async (given) => {
      globalThis.mermaid.initialize({ startOnLoad: false });
      await globalThis.mermaid.parse(given);
      const { svg } = await globalThis.mermaid.render("drawn", given);
      const made = new DOMParser().parseFromString(svg, "text/html");
      return Array.from(made.querySelectorAll("text")).map((each) => each.textContent);
    }, text);
    await blank.close();
    return drawn;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, ...rest] = JSON.parse(line);
  try {
    process.stdout.write(`${JSON.stringify({ value: (await VERBS[verb](...rest)) ?? null })}\n`);
  } catch (fault) {
    process.stdout.write(`${JSON.stringify({ error: String(fault) })}\n`);
  }
}
await browser.close();
