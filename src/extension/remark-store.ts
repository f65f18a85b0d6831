/** The reviewer's remarks as the server keeps them: read once a series, changed through it, on disk before the call returns. */
import * as vscode from 'vscode';
import type { Outcome } from '../base/outcome';
import type { Remark } from '../protocol/remark';
import { deleteRemark, remarks as remarksRequest, saveRemark } from '../protocol/requests';
import { type Engine, failed } from './engine';

export class RemarkStore {
  private readonly known = new Map<string, readonly Remark[]>();
  private readonly changed = new vscode.EventEmitter<string>();
  /** Fires with the id of the series. */
  readonly onDidChange = this.changed.event;

  constructor(private readonly engine: Engine) {}

  /** The remarks known of a series; none before `read`. */
  of(series: string): readonly Remark[] {
    return this.known.get(series) ?? [];
  }

  async read(series: string): Promise<void> {
    const remarks = await this.engine.ask(remarksRequest, { series });
    this.known.set(series, remarks);
    this.changed.fire(series);
  }

  /** Stores a remark; one with the id '' is new. */
  async save(remark: Remark): Promise<Outcome<Remark>> {
    const outcome = await this.engine.ask(saveRemark, remark).catch(failed);
    if (outcome.kind === 'done') {
      const saved = outcome.value;
      this.known.set(remark.series, [...this.of(remark.series).filter((one) => one.id !== saved.id), saved]);
      this.changed.fire(remark.series);
    }
    return outcome;
  }

  async delete(remark: Remark): Promise<Outcome<null>> {
    const outcome = await this.engine.ask(deleteRemark, { series: remark.series, id: remark.id }).catch(failed);
    if (outcome.kind === 'done') {
      this.known.set(
        remark.series,
        this.of(remark.series).filter((one) => one.id !== remark.id),
      );
      this.changed.fire(remark.series);
    }
    return outcome;
  }

  dispose(): void {
    this.changed.dispose();
  }
}
