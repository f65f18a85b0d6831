/** The border of the server: each request is checked, run, and whatever goes wrong becomes an answer and a line in the log. */
import { type CancellationToken, type Connection, ErrorCodes, ResponseError } from 'vscode-languageserver/node';
import { refusalText } from '../base/outcome';
import type { Decoder } from '../protocol/decode';
import type { RequestOf } from '../protocol/requests';

export interface Border {
  /** Answers a request of our own. */
  answer<P, R>(request: RequestOf<P, R>, decode: Decoder<P>, work: (params: P, token: CancellationToken) => R | Promise<R>): void;
  /** Runs work of LSP's own requests; on a bug the log has it and the editor gets `otherwise`. */
  guarded<R>(what: string, context: unknown, otherwise: R, work: () => R): R;
  /** A bug that belongs to no request. */
  bug(what: string, context: unknown, error: unknown): void;
}

/** UTF-16 units of a request in the log: enough to see what it was. */
const MAX_LOGGED = 2000;

export function borderOf(connection: Connection): Border {
  const bug = (what: string, context: unknown, error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    connection.console.error(`bug in ${what}\nrequest: ${shown(context)}\n${text}`);
  };
  return {
    bug,
    answer: (request, decode, work) => {
      connection.onRequest(request.method, async (params: unknown, token: CancellationToken) => {
        const decoded = decode(params, 'params');
        if (decoded.kind === 'wrong') {
          const text = refusalText({
            code: 'server/bad-params',
            met: `The request ${request.method} came with parameters that it cannot have: ${decoded.why}.`,
            means: 'Nothing was done.',
            todo: 'Reload the window; if it happens again, extension and server are of different versions.',
          });
          return new ResponseError(ErrorCodes.InvalidParams, text);
        }
        try {
          return await work(decoded.value, token);
        } catch (error) {
          bug(request.method, params, error);
          const text = refusalText({
            code: 'server/bug',
            met: `Folioscope met a bug of its own in ${request.method}: ${error instanceof Error ? error.message : String(error)}.`,
            means: 'The request was not answered; nothing else is affected.',
            todo: 'Report it with the lines of the output channel "Folioscope".',
          });
          return new ResponseError(ErrorCodes.InternalError, text);
        }
      });
    },
    guarded: (what, context, otherwise, work) => {
      try {
        return work();
      } catch (error) {
        bug(what, context, error);
        return otherwise;
      }
    },
  };
}

function shown(value: unknown): string {
  try {
    const text = JSON.stringify(value) as string | undefined;
    return text === undefined ? 'nothing' : text.length > MAX_LOGGED ? `${text.slice(0, MAX_LOGGED)}…` : text;
  } catch {
    return 'not writable as JSON';
  }
}
