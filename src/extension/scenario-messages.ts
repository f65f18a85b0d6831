/** Checks what the page of the memory model posts: a webview is not taken on trust. */
import { EXPORT_FORMATS, type FromScenarioPage } from '../protocol/scenario-page';

/** Larger exports are not written. */
const LONGEST = 200_000_000;

const isListOfNumbers = (lists: unknown): boolean =>
  Array.isArray(lists) && lists.every((list) => Array.isArray(list) && list.every((one) => typeof one === 'number'));

/** The message, or undefined where it is none that the page posts. */
export function fromScenarioPage(message: unknown): FromScenarioPage | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const fields = message as Record<string, unknown>;
  const isNumber = (name: string): boolean => typeof fields[name] === 'number' && Number.isFinite(fields[name]);
  const isText = (name: string): boolean => typeof fields[name] === 'string';
  const isFlag = (name: string): boolean => typeof fields[name] === 'boolean';
  const isListOf = (name: string, type: 'string' | 'number'): boolean => {
    const list = fields[name];
    return Array.isArray(list) && list.every((one) => typeof one === type);
  };
  const known = ((): boolean => {
    switch (fields['kind']) {
      case 'painted':
        return (fields['what'] === 'page' || fields['what'] === 'memory') && isNumber('at') && isNumber('after');
      case 'ready':
        return isText('uri') && isFlag('taken');
      case 'at':
        return (
          isText('scenario') &&
          isText('status') &&
          isFlag('ended') &&
          isFlag('playing') &&
          isListOf('designs', 'string') &&
          isListOf('orders', 'number') &&
          isListOfNumbers(fields['badOrders']) &&
          ['tick', 'total', 'line', 'order', 'troubles', 'failed', 'differences'].every(isNumber)
        );
      case 'frames':
        return isListOf('intervals', 'number') && isNumber('views');
      case 'reveal':
        return Number.isInteger(fields['line']) && (fields['line'] as number) > 0;
      case 'problems':
        return isListOf('lines', 'number');
      case 'export':
        return (
          EXPORT_FORMATS.some((format) => format === fields['format']) &&
          isText('content') &&
          (fields['content'] as string).length <= LONGEST &&
          isFlag('base64')
        );
      default:
        return false;
    }
  })();
  return known ? (message as FromScenarioPage) : undefined;
}
