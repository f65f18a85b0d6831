/** Entry of the page's worker: the real simulation behind the page's messages. */
import { createSimulation } from '../src/review/simulation';
import { serve } from './worker-thread';

serve(createSimulation);
