/** The user's own kernel configuration, where the tree has one. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { defaultConfig, type KernelConfig, parseConfig } from '../kernel-c/config';

/** A larger `.config` is none: the kernel's with everything on has 300 KB. */
const largestConfig = 4 * 1024 * 1024;

/** `.config` of the tree's root; the built-in configuration where there is none that can be read. */
export function kernelConfigOf(root: string): KernelConfig {
  const path = join(root, '.config');
  const facts = statSync(path, { throwIfNoEntry: false });
  if (!facts?.isFile() || facts.size > largestConfig) return defaultConfig;
  try {
    const config = parseConfig(readFileSync(path, 'utf8'));
    return Object.keys(config).length > 0 ? config : defaultConfig;
  } catch {
    // Unreadable is as good as absent: the run names its configuration's source by what it finds.
    return defaultConfig;
  }
}
