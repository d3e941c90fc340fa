export { CivicError, type CivicErrorCode, type CivicErrorOptions } from './errors.ts'
