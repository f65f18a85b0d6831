/** The time that work takes of the processor, to which other programs at work beside a test add little. */

/** What the work gives, and its milliseconds in this process: threads that collect garbage count in. */
export function onCpu<T>(work: () => T): { readonly value: T; readonly milliseconds: number } {
  const before = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(before);
  return { value, milliseconds: (user + system) / 1000 };
}
