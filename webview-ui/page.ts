/** Entry of the simulator page. The extension's HTML gives the address of the worker's script in `data-worker` of the body. */
import './page.css';
import { openHost } from './host';
import { openSimulator } from './simulator';

openSimulator(openHost(), document.body, document.body.dataset['worker'] ?? '');
