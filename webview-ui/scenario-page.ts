/** Entry of the page of the memory model. The extension's HTML gives the address of the worker's script in `data-worker` of the body. */
import './page.css';
import './scenario/scenario.css';
import { fetchEngine } from './scenario/engine';
import { firstLoad, openScenarioHost } from './scenario/host';
import { afterPaint, tellFirstPaint } from './scenario/painted';
import { openScenarioPage } from './scenario/scenario-app';

const worker = document.body.dataset['worker'] ?? '';
const host = openScenarioHost();
const first = firstLoad();
const open = (): void => openScenarioPage(host, document.body, worker, first);
fetchEngine(worker);
tellFirstPaint((paint) => host.post({ kind: 'painted', ...paint }));
// What the HTML has already is painted before the page is built.
if (document.body.querySelector('main') === null) open();
else afterPaint(open);
