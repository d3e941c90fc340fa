export { createSandbox } from './sandbox.ts'
export type {
  AuthCodeOptions,
  CreatedApp,
  Sandbox,
  SandboxOptions,
  SandboxStrategyOptions,
} from './sandbox.ts'
export type { AppOptions, Environment } from './apps.ts'
export type { Fault } from './fault.ts'
export type { Address, IdentityDocument, PersonDescription } from './people.ts'
