/** Entry of the page of the memory model. The extension's HTML gives the address of the worker's script in `data-worker` of the body. */
import './page.css';
import './scenario/scenario.css';
import { openScenarioHost } from './scenario/host';
import { openScenarioPage } from './scenario/scenario-app';

openScenarioPage(openScenarioHost(), document.body, document.body.dataset['worker'] ?? '');
