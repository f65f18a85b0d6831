/** The language server of this extension host, as the system sees it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Undefined where there is none, or where processes cannot be listed. */
export function serverProcess(): number | undefined {
  if (!existsSync('/proc')) return undefined;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1];
      if (Number(parent) === process.pid && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('server.js')) return Number(name);
    } catch {
      // Gone meanwhile.
    }
  }
  return undefined;
}

/** Resident bytes. */
export function memoryOf(pid: number): number {
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
}
