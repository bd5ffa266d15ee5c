// node run.mjs PACKAGES ENGINE JOB.json ANSWER.json: every row of a job through a file, in a runtime of the web's world.
// A job: {model, signature, output, rows: [{name: [numbers]}]}; the answer: [[numbers]], a row each.

import fs from 'node:fs';
import http from 'node:http';
import {createRequire} from 'node:module';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

const [packages, engine, ask, answer] = process.argv.slice(2);
const job = JSON.parse(fs.readFileSync(ask, 'utf8'));
const load = (name) => import(pathToFileURL(createRequire(path.join(packages, 'package.json')).resolve(name)));

async function onnxRuntime(name) {
  const module = await load(name);
  const ort = module.default ?? module;
  const session = await ort.InferenceSession.create(new Uint8Array(fs.readFileSync(job.model)));
  const found = [];
  for (const row of job.rows) {
    const feeds = {};
    for (const input of session.inputNames) {
      feeds[input] = new ort.Tensor('int32', Int32Array.from(row[input]), [1, row[input].length]);
    }
    found.push(Array.from((await session.run(feeds))[job.output].data));
  }
  return found;
}

const PAGE = `<!doctype html><script type="importmap">
{"imports": {"@litertjs/core": "/packages/@litertjs/core/dist/index.js",
 "@litertjs/wasm-utils": "/packages/@litertjs/wasm-utils/dist/index.js"}}
</script>`;
const TYPES = {'.js': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json'};

// In the page: LiteRT.js with its processor backend.
async function inPage() {
  const {Tensor, loadAndCompile, loadLiteRt} = await import('@litertjs/core');
  await loadLiteRt('/packages/@litertjs/core/wasm/');
  const job = await (await fetch('/job')).json();
  const model = await loadAndCompile('/model', {accelerator: 'wasm'});
  const called = job.signature ? model.signatures[job.signature] : model;
  const found = [];
  for (const row of job.rows) {
    const feeds = {};
    for (const {name} of called.getInputDetails()) {
      feeds[name] = new Tensor(Int32Array.from(row[name]), [1, row[name].length]);
    }
    const results = await called.run(feeds);
    found.push(Array.from(results[job.output].toTypedArray()));
    for (const tensor of [...Object.values(feeds), ...Object.values(results)]) tensor.delete();
  }
  return found;
}

async function liteRtJs() {
  const server = http.createServer((request, response) => {
    const inside = path.normalize(request.url).replace(/^\/packages/, path.join(packages, 'node_modules'));
    const file = {'/job': ask, '/model': job.model}[request.url] ?? inside;
    if (request.url === '/') return response.setHeader('Content-Type', 'text/html').end(PAGE);
    if (!fs.existsSync(file)) return response.writeHead(404).end();
    response.setHeader('Content-Type', TYPES[path.extname(file)] ?? 'application/octet-stream');
    fs.createReadStream(file).pipe(response);
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const module = await load('puppeteer-core');
  const browser = await (module.default ?? module).launch({
    executablePath: process.env.CHROMIUM, headless: true, args: ['--no-sandbox', '--disable-gpu'], protocolTimeout: 0,
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    return await page.evaluate(`(${inPage})()`);
  } finally {
    await browser.close();
    server.close();
  }
}

const engines = {
  'onnxruntime-node': () => onnxRuntime('onnxruntime-node'),
  'onnxruntime-web': () => onnxRuntime('onnxruntime-web'),
  'litertjs': liteRtJs,
};
fs.writeFileSync(answer, JSON.stringify(await engines[engine]()));
process.exit(0);
