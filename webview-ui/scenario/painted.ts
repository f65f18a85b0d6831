/** When the page was painted first, and when the memory was: told as times of the clock, so that they can be held against the command's. */

interface Paint {
  readonly what: 'page' | 'memory';
  /** As `Date.now()`. */
  readonly at: number;
  /** Milliseconds after the page's frame was there. */
  readonly after: number;
}

/** Tells the browser's own first paint of the page. */
export function tellFirstPaint(tell: (paint: Paint) => void): void {
  new PerformanceObserver((list, observer) => {
    const [first] = list.getEntriesByName('first-contentful-paint');
    if (first === undefined) return;
    observer.disconnect();
    tell(paintAt('page', first.startTime));
  }).observe({ type: 'paint', buffered: true });
}

/** Tells when what was drawn just now is on the screen. */
export function tellMemory(tell: (paint: Paint) => void): void {
  afterPaint(() => tell(paintAt('memory', performance.now())));
}

function paintAt(what: Paint['what'], time: number): Paint {
  const [frame] = performance.getEntriesByType('navigation');
  // Before its answer there is a frame without a document: VS Code waits for the service worker of the page.
  const there = frame instanceof PerformanceNavigationTiming ? frame.responseEnd : 0;
  return { what, at: performance.timeOrigin + time, after: time - there };
}

/** A page that is not shown has no frames: then the work is not put off for ever. */
const NO_FRAME_MS = 200;

/** Runs once the next frame was painted. */
export function afterPaint(work: () => void): void {
  let isDone = false;
  const once = (): void => {
    if (isDone) return;
    isDone = true;
    work();
  };
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = once;
    channel.port2.postMessage(null);
  });
  setTimeout(once, NO_FRAME_MS);
}
