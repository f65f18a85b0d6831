/** Visits every statement and every expression of a body. */
import type { Expr, Statement } from './c-tree';

export function eachStatement(one: Statement, visit: (statement: Statement) => void): void {
  visit(one);
  switch (one.kind) {
    case 'block':
      for (const inner of one.body) eachStatement(inner, visit);
      return;
    case 'if':
      eachStatement(one.yes, visit);
      if (one.no !== null) eachStatement(one.no, visit);
      return;
    case 'for':
      if (one.first !== null) eachStatement(one.first, visit);
      eachStatement(one.body, visit);
      return;
    case 'while':
    case 'each':
    case 'switch':
      eachStatement(one.body, visit);
      return;
    case 'either':
      for (const branch of one.branches) eachStatement(branch, visit);
      return;
    default:
  }
}

export function eachExpression(one: Statement, visit: (expr: Expr) => void): void {
  const expr = (value: Expr | null): void => {
    if (value === null) return;
    visit(value);
    switch (value.kind) {
      case 'field':
      case 'unary':
        expr(value.of);
        return;
      case 'index':
        expr(value.of);
        expr(value.index);
        return;
      case 'call':
        expr(value.callee);
        for (const arg of value.args) expr(arg);
        return;
      case 'binary':
      case 'assign':
        expr(value.left);
        expr(value.right);
        return;
      case 'choice':
        expr(value.test);
        expr(value.yes);
        expr(value.no);
        return;
      case 'initialiser':
        for (const member of value.members) expr(member.value);
        return;
      case 'block':
        for (const inner of value.body) eachExpression(inner, visit);
        return;
      default:
    }
  };
  eachStatement(one, (statement) => {
    switch (statement.kind) {
      case 'if':
      case 'while':
        expr(statement.test);
        return;
      case 'for':
        expr(statement.test);
        expr(statement.step);
        return;
      case 'each':
        expr(statement.head);
        return;
      case 'switch':
      case 'expression':
        expr(statement.value);
        return;
      case 'return':
        expr(statement.value);
        return;
      case 'declaration':
        for (const { value } of statement.declared) expr(value);
        return;
      default:
    }
  });
}
