/** Builds the page's elements. Text goes in as text only: nothing here parses markup. */

type Child = Node | string | null | undefined | false;

interface Props {
  readonly class?: string;
  readonly id?: string;
  readonly role?: string;
  readonly title?: string;
  /** `aria-label`. */
  readonly label?: string;
  readonly tabIndex?: number;
  readonly hidden?: boolean;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly click?: (event: MouseEvent) => void;
}

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (props.class !== undefined) element.className = props.class;
  if (props.id !== undefined) element.id = props.id;
  if (props.role !== undefined) element.setAttribute('role', props.role);
  if (props.title !== undefined) element.title = props.title;
  if (props.label !== undefined) element.setAttribute('aria-label', props.label);
  if (props.tabIndex !== undefined) element.tabIndex = props.tabIndex;
  if (props.hidden !== undefined) element.hidden = props.hidden;
  for (const [name, value] of Object.entries(props.attributes ?? {})) element.setAttribute(name, value);
  if (props.click) element.addEventListener('click', props.click as EventListener);
  append(element, children);
  return element;
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  append(element, children);
  return element;
}

export function append(parent: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    parent.appendChild(typeof child === 'string' ? document.createTextNode(child) : child);
  }
}

/** Sets the text only where it differs, so that screen readers and selections are left alone. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

const keys = new WeakMap<Element, string>();

/**
 * Makes the parent's children those of the items. An element is kept where its key comes again, so focus stays in it; the key must therefore
 * spell everything that the element shows.
 */
export function fill<T>(
  parent: Element,
  items: readonly T[],
  keyOf: (item: T, at: number) => string,
  make: (item: T, at: number) => Element,
): void {
  const kept = new Map<string, Element>();
  for (const child of [...parent.children]) kept.set(keys.get(child) ?? '', child);
  let next: Element | null = parent.firstElementChild;
  items.forEach((item, at) => {
    const key = keyOf(item, at);
    let element = kept.get(key);
    if (element) kept.delete(key);
    else {
      element = make(item, at);
      keys.set(element, key);
    }
    if (element === next) next = next.nextElementSibling;
    else parent.insertBefore(element, next);
  });
  for (const child of kept.values()) child.remove();
}
