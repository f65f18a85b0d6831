/** The scenario texts that the editor has open: marked where they are wrong, soon after each change. */
import type { Diagnostic } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { gmemDiagnostics } from './gmem-marks';

/** After the last key: shorter than people notice, longer than between two keys of a fast typist. */
const SETTLE_MS = 60;
/** One more millisecond of waiting for so many units: a long text is not read at each pause. */
const UNITS_A_MS = 5000;

export const isGmem = ({ uri, languageId }: Pick<TextDocument, 'uri' | 'languageId'>): boolean =>
  languageId === 'gmem' || /\.gmem$/.test(uri);

export class GmemDocuments {
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly known = new Set<string>();

  /**
   * @param publish gets the diagnostics of a document after each reading
   * @param bug gets what a reading throws
   */
  constructor(
    private readonly publish: (uri: string, version: number, diagnostics: Diagnostic[]) => void,
    private readonly bug: (what: string, context: unknown, error: unknown) => void,
  ) {}

  changed(document: TextDocument): void {
    const { uri } = document;
    clearTimeout(this.timers.get(uri));
    const wait = this.known.has(uri) ? SETTLE_MS + document.getText().length / UNITS_A_MS : 0;
    this.known.add(uri);
    const timer = setTimeout(() => {
      this.timers.delete(uri);
      this.mark(document);
    }, wait);
    this.timers.set(uri, timer);
  }

  closed(uri: string): void {
    clearTimeout(this.timers.get(uri));
    this.timers.delete(uri);
    if (this.known.delete(uri)) this.publish(uri, 0, []);
  }

  private mark(document: TextDocument): void {
    const { uri, version } = document;
    try {
      this.publish(uri, version, gmemDiagnostics(document.getText()));
    } catch (error) {
      this.bug('reading a scenario', { uri, version }, error);
    }
  }
}
