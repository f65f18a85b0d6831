/** The page's worker over the made-up simulation. */
import { serve } from '../../webview-ui/worker-thread';
import { createFakeSimulation } from './fake-simulation';

serve(createFakeSimulation);
