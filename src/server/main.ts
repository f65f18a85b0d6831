/** The language server's process: `node server.js --stdio`, or started by the editor over node's ipc. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { serve } from './serve';

// The bundle is dist/server.js: wasm and the threads lie beside it, demo and docs one up.
const connection = createConnection(ProposedFeatures.all);
const border = serve(connection, {
  wasm: __dirname,
  scanner: join(__dirname, 'scan-worker.js'),
  reader: join(__dirname, 'worker.js'),
  runner: join(__dirname, 'scenario-worker.js'),
  demo: join(__dirname, '..', 'demo'),
  reference: pathToFileURL(join(__dirname, '..', 'docs', 'assumptions.md')).href,
});
// A bug in what no request waits for: the log has it, and the others go on.
process.on('unhandledRejection', (error) => {
  border.bug('background work', null, error);
});
process.on('uncaughtException', (error) => {
  border.bug('background work', null, error);
});
connection.listen();
