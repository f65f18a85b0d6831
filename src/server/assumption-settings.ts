/** The reviewer's settings for marks of assumptions, asked of the editor when they change. */
import { type Connection, DiagnosticSeverity, DidChangeConfigurationNotification, type InitializeParams } from 'vscode-languageserver/node';
import type { SiteClass } from '../assumptions/site';
import { CLASS_WORDS, isSiteClass } from './assumption-words';

export interface AssumptionSettings {
  /** Null: not marked. */
  readonly severityOf: (one: SiteClass) => DiagnosticSeverity | null;
  readonly hints: boolean;
  /** Hints in files of any length. */
  readonly hintsInHugeFiles: boolean;
  readonly lenses: boolean;
}

const DEFAULTS: AssumptionSettings = {
  severityOf: (one) => CLASS_WORDS[one].severity,
  hints: true,
  hintsInHugeFiles: false,
  lenses: true,
};

const SEVERITIES: Readonly<Record<string, DiagnosticSeverity | null>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
  off: null,
};

export class Settings {
  now: AssumptionSettings = DEFAULTS;

  /**
   * @param onReady takes what is to be done once the client is ready
   * @param changed is called when other settings hold
   */
  constructor(
    private readonly connection: Connection,
    { capabilities }: Pick<InitializeParams, 'capabilities'>,
    onReady: (then: () => void) => void,
    private readonly changed: () => void,
  ) {
    if (capabilities.workspace?.configuration !== true) return;
    onReady(() => {
      void this.ask();
      if (capabilities.workspace?.didChangeConfiguration?.dynamicRegistration === true)
        connection.client.register(DidChangeConfigurationNotification.type, { section: 'folioscope.assumptions' }).catch(() => undefined);
    });
    connection.onDidChangeConfiguration(() => void this.ask());
  }

  private async ask(): Promise<void> {
    const value: unknown = await this.connection.workspace.getConfiguration('folioscope.assumptions').catch(() => null);
    this.now = settingsOf(value);
    this.changed();
  }
}

/** *Leaves out* what is no setting: defaults hold for that. */
export function settingsOf(value: unknown): AssumptionSettings {
  const given = isObject(value) ? value : {};
  const severities = isObject(given['severity']) ? given['severity'] : {};
  const own = new Map<SiteClass, DiagnosticSeverity | null>();
  for (const [name, word] of Object.entries(severities)) {
    const severity = typeof word === 'string' && Object.hasOwn(SEVERITIES, word) ? SEVERITIES[word] : undefined;
    if (isSiteClass(name) && severity !== undefined) own.set(name, severity);
  }
  const hints = given['inlayHints'];
  return {
    severityOf: (one) => (own.has(one) ? (own.get(one) ?? null) : DEFAULTS.severityOf(one)),
    hints: hints !== 'off',
    hintsInHugeFiles: hints === 'always',
    lenses: given['codeLens'] !== false,
  };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
