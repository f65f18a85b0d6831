/** The ports of `openSeries` on this machine: its disk, its git, its network and the record in the data directory. */
import { resolve } from 'node:path';
import { done, type Outcome } from '../base/outcome';
import type { OpenPorts, RecordPort } from '../review/ports';
import { clonePort } from './clone';
import { diskRefused } from './git-refusals';
import { mailPort } from './mail-source';
import { dataDirectory, listOpened, recordOpened, slugOf, worktreePathOf } from './opened';

/** @param data where the record is kept */
export const openPorts = (data: string = dataDirectory()): OpenPorts => ({ mail: mailPort, clone: clonePort, record: recordPort(data) });

const recordPort = (data: string): RecordPort => ({
  openingsOf: (id) => listOpened(data).filter((one) => one.id === id),
  slugOf,
  worktreePathOf: (slug) => worktreePathOf(slug, data),
  absolute: (path) => resolve(path),
  keep: (opened, mail): Outcome<null> => {
    try {
      recordOpened(opened, mail, data);
      return done(null);
    } catch (error) {
      const refusal = diskRefused(error, data, 'keep a record of the series');
      if (refusal === null) throw error;
      return refusal;
    }
  },
  now: () => new Date().toISOString(),
});
