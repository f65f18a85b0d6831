import { describe, expect, it } from 'vitest';
import { isSystemCall, outlineOf } from '../../../src/assumptions/outline';

const functionsOf = (text: string) => outlineOf(text).functions.map(({ name, params }) => ({ name, params }));

describe('an outline', () => {
  it('names a system call as a trace does, with its parameters', () => {
    const body = '\n{\n\treturn 0;\n}\n';
    expect(
      functionsOf(
        `SYSCALL_DEFINE3(spin, unsigned long, addr, struct spindle __user *, at,\n\t\tint, turns)${body}` +
          `SYSCALL_DEFINE0(rest)${body}COMPAT_SYSCALL_DEFINE1(spin, compat_ulong_t, addr)${body}`,
      ),
    ).toEqual([
      {
        name: '__do_sys_spin',
        params: [
          { type: 'unsigned long', name: 'addr' },
          { type: 'struct spindle __user *', name: 'at' },
          { type: 'int', name: 'turns' },
        ],
      },
      { name: '__do_sys_rest', params: [] },
      { name: '__do_compat_sys_spin', params: [{ type: 'compat_ulong_t', name: 'addr' }] },
    ]);
    expect(['__do_sys_spin', '__do_compat_sys_spin', 'do_spin', 'SYSCALL_DEFINE3'].map(isSystemCall)).toEqual([true, true, false, false]);
  });

  it('goes on where a system call is cut off in its list', () => {
    expect(functionsOf('SYSCALL_DEFINE2(spin, int)\n{\n}\nint after(void)\n{\n}\n').map(({ name }) => name)).toEqual([
      '__do_sys_spin',
      'after',
    ]);
    expect(functionsOf('SYSCALL_DEFINE1()\n{\n}\n').map(({ name }) => name)).toEqual(['SYSCALL_DEFINE1']);
  });
});
