import type { Policy } from '../../contract/policy.js'
import { parseOperator } from './operators.js'
import type { Condition, Statement } from './statement.js'

/** A policy as plain data, which can cross to another thread: operators, which are functions, by their names. */
export interface PortablePolicy extends Omit<Policy, 'statements'> {
  readonly statements: readonly (Omit<Statement, 'conditions'> & {
    readonly conditions: readonly (Omit<Condition, 'operator'> & { readonly operator: string })[]
  })[]
}

export const toPortable = ({ statements, ...policy }: Policy): PortablePolicy => ({
  ...policy,
  statements: statements.map(({ conditions, ...statement }) => ({
    ...statement,
    conditions: conditions.map(({ operator, ...condition }) => ({ ...condition, operator: operator.name })),
  })),
})

export const fromPortable = ({ statements, ...policy }: PortablePolicy): Policy => ({
  ...policy,
  statements: statements.map(({ conditions, ...statement }) => ({
    ...statement,
    conditions: conditions.map(({ operator, ...condition }) => ({
      ...condition,
      operator: parseOperator(operator)!,
    })),
  })),
})
