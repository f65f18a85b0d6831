/** Checks what the simulator page posts: the page shows what came by mail, so nothing it says is taken on trust. */
import type { FromPage } from '../protocol/page';

/** The message, or undefined where it is none that the page posts. */
export function fromPage(message: unknown): FromPage | undefined {
  if (!isObject(message)) return undefined;
  switch (message['kind']) {
    case 'ready':
      return { kind: 'ready' };
    case 'at':
      return isPlace(message['place']) && typeof message['step'] === 'number' && typeof message['status'] === 'string'
        ? (withoutWrongLists(message) as unknown as FromPage)
        : undefined;
    case 'reveal':
      return typeof message['file'] === 'string' && isLine(message['line']) ? (message as unknown as FromPage) : undefined;
    case 'scenario':
      return isObject(message['scenario']) && typeof message['fail'] === 'number' ? (message as unknown as FromPage) : undefined;
    case 'problem':
      return typeof message['text'] === 'string' ? { kind: 'problem', text: message['text'] } : undefined;
    default:
      return undefined;
  }
}

/** True for a path in the tree: relative, and not out of it. */
export const isInTree = (file: string): boolean =>
  file !== '' && !/^([/\\]|[A-Za-z]:)/.test(file) && !file.split(/[/\\]/).includes('..') && !file.includes('\0');

/** Lists whose entries are not what they should be are left out: the stop itself can still be shown. */
function withoutWrongLists(message: Record<string, unknown>): Record<string, unknown> {
  const { stack, findings, choices, ...rest } = message;
  return {
    ...rest,
    ...(isListOf(stack, (frame) => isPlace(frame) && isListOf(frame['variables'], isVariable)) ? { stack } : {}),
    ...(isShown(findings, (finding) => isPlace(finding) && hasTexts(finding, ['kind', 'message'])) ? { findings } : {}),
    ...(isShown(choices, (made) => isPlace(made) && isChoice(made['choice']) && typeof made['option'] === 'number') ? { choices } : {}),
  };
}

type Fields = Record<string, unknown>;
const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isListOf = (value: unknown, holds: (one: Fields) => boolean): boolean =>
  Array.isArray(value) && value.every((one) => isObject(one) && holds(one));
const hasTexts = (value: Fields, keys: readonly string[]): boolean => keys.every((key) => typeof value[key] === 'string');
const isShown = (value: unknown, holds: (one: Fields) => boolean): boolean =>
  isObject(value) && isLine(value['total']) && isLine(value['from']) && isListOf(value['shown'], holds);
const isLine = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const isPlace = (value: unknown): value is Fields => isObject(value) && hasTexts(value, ['function', 'file']) && isLine(value['line']);
const isVariable = (value: Fields): boolean => hasTexts(value, ['name', 'type', 'value']);
const isChoice = (value: unknown): boolean =>
  isObject(value) &&
  typeof value['what'] === 'string' &&
  Array.isArray(value['options']) &&
  value['options'].every((option) => typeof option === 'string');
