/** The calls of a function in which no name of the rules stands: what it passes on, judged without control flow. */
import type { Tokens } from './c-tokens';
import type { Expr, Statement } from './c-tree';
import { eachExpression, eachStatement } from './each-expression';
import type { FoundCall, FoundUse, Standing } from './facts';
import { handsOn, objectOf, pathOf, rootOf } from './paths';
import { bodyOf } from './read-body';
import { calleeOf, type Variables, variablesOf } from './variables';
import { callsUnread } from './unread-calls';
import { isAssertion } from './words';

export interface LightFacts {
  readonly calls: readonly FoundCall[];
  readonly uses: readonly FoundUse[];
}

/**
 * @param params names of the parameters
 * *Leaves out* what only control flow would tell: a parameter that is given another value anywhere counts for nothing.
 */
export function lightFacts(tokens: Tokens, params: readonly string[], lineOf: (token: number) => number): LightFacts {
  const statements: readonly Statement[] = bodyOf(tokens);
  const variables = variablesOf(statements, params);
  const calls: FoundCall[] = [];
  const uses: FoundUse[] = [];
  const take = (value: Expr, member: string): void => {
    const one = value.kind === 'unary' && value.op === '&' ? value.of : value;
    if (one.kind === 'name' && /[a-z]/.test(one.name) && !variables.isLocal(one.name))
      uses.push({ name: one.name, member, line: lineOf(one.at), standing: UNKNOWN });
  };
  for (const statement of statements) {
    eachStatement(statement, (one) => {
      if (one.kind === 'unread') calls.push(...callsUnread(tokens, one.at, one.to, lineOf));
    });
    eachExpression(statement, (expr) => {
      if (expr.kind === 'call') {
        const callee = calleeOf(expr);
        if (callee === '' || isAssertion(callee)) return;
        for (const arg of expr.args) take(arg, '');
        if (variables.isLocal(callee)) return;
        const args = expr.args.map((arg) => standingOf(arg, params, variables));
        calls.push({ callee, line: lineOf(expr.at), args, folioLines: [], hands: handsOn(expr.args), twins: variables.twinsOf(expr.args) });
      } else if (expr.kind === 'assign') {
        const left = pathOf(expr.left);
        const dot = left.lastIndexOf('.');
        take(expr.right, dot < 0 ? '' : left.slice(dot));
      } else if (expr.kind === 'initialiser') for (const { field, value } of expr.members) take(value, field === '' ? '' : `.${field}`);
    });
  }
  return { calls, uses };
}

const UNKNOWN: Standing = { is: 'unknown' };

function standingOf(arg: Expr, params: readonly string[], variables: Variables): Standing | null {
  if (arg.kind === 'name' && arg.name === 'NULL') return { is: 'hugetlb', lines: [] };
  const path = pathOf(arg);
  if (path === '') return null;
  const found = passed(path, params, variables);
  if (found !== null) return found;
  const vma = passed(`${path}.vma`, params, variables);
  return vma === null ? null : { is: 'unknown', vma };
}

function passed(path: string, params: readonly string[], variables: Variables): Standing | null {
  const object = objectOf(variables.plain(path));
  const root = rootOf(object);
  const index = params.indexOf(root);
  if (index < 0 || variables.isChanged(object)) return null;
  return { is: 'passed', from: [`${index}${object.slice(root.length)}`], lines: [] };
}
