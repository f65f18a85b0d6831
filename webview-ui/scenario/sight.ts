/** Which parts of the page are in the window: while it plays only those are drawn. */
import type { ScenarioPart } from './page-now';

/** @param came a part has come into sight */
export function partsInSight(parts: readonly ScenarioPart[], came: () => void): () => readonly ScenarioPart[] {
  const inSight = new Set<Element>();
  const observer = new IntersectionObserver((entries) => {
    let isNew = false;
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) inSight.delete(target);
      else if (!inSight.has(target)) {
        inSight.add(target);
        isNew = true;
      }
    }
    if (isNew) came();
  });
  for (const { element } of parts) observer.observe(element);
  return () => parts.filter(({ element }) => inSight.has(element));
}
