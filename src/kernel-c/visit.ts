/** Walks typed C. */
import type { Expr, Init, Stmt } from './syntax';

/** Calls `each` on every expression of a statement, outer ones first. */
export function visitStatement(stmt: Stmt, each: (expr: Expr) => void): void {
  const expr = (one: Expr | null): void => {
    if (one) visitExpression(one, each);
  };
  switch (stmt.kind) {
    case 'block':
      for (const one of stmt.body) visitStatement(one, each);
      return;
    case 'expression':
      return expr(stmt.expr);
    case 'declare':
      if (stmt.init) visitInit(stmt.init, each);
      return;
    case 'if':
      expr(stmt.condition);
      visitStatement(stmt.yes, each);
      if (stmt.no) visitStatement(stmt.no, each);
      return;
    case 'while':
    case 'do':
      expr(stmt.condition);
      visitStatement(stmt.body, each);
      return;
    case 'for':
      for (const one of stmt.init) visitStatement(one, each);
      expr(stmt.condition);
      expr(stmt.step);
      visitStatement(stmt.body, each);
      return;
    case 'switch':
      expr(stmt.value);
      visitStatement(stmt.body, each);
      return;
    case 'case':
    case 'default':
    case 'label':
      visitStatement(stmt.body, each);
      return;
    case 'return':
      expr(stmt.value);
      return;
    default:
  }
}

function visitInit(init: Init, each: (expr: Expr) => void): void {
  if (init.whole) visitExpression(init.whole, each);
  for (const one of init.items) visitExpression(one.value, each);
}

export function visitExpression(expr: Expr, each: (expr: Expr) => void): void {
  each(expr);
  const go = (one: Expr): void => visitExpression(one, each);
  switch (expr.kind) {
    case 'deref':
      return go(expr.pointer);
    case 'member':
      return go(expr.base);
    case 'address':
      return go(expr.of);
    case 'binary':
    case 'compare':
    case 'logical':
    case 'comma':
      go(expr.a);
      return go(expr.b);
    case 'negate':
    case 'invert':
    case 'not':
    case 'cast':
      return go(expr.a);
    case 'conditional':
      go(expr.condition);
      if (expr.yes) go(expr.yes);
      return go(expr.no);
    case 'assign':
    case 'update':
      go(expr.to);
      return go(expr.value);
    case 'call':
      go(expr.callee);
      expr.args.forEach(go);
      return;
    case 'statements':
      return visitStatement(expr.block, each);
    case 'literal':
      return visitInit(expr.init, each);
    default:
  }
}
