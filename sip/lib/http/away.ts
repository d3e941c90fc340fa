import { isObject } from '../is-object.ts'

/** SQLSTATE: no connection (class 08), no room on the disk or for connections (53), a server that starts or stops. */
const SQL_STATE = /^(?:08|53)[0-9A-Z]{3}$|^57P0[123]$/
/** The system's codes for a server that cannot be reached. */
const SYSTEM = /^E(?:CONNREFUSED|CONNRESET|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH)$/
/** Messages of the PostgreSQL client that have no code. */
const MESSAGE =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a conn)/

/** Whether an error means that something that the server needs, such as its database, is temporarily unavailable. */
export function isAway(error: unknown): boolean {
  if (!isObject(error)) return false
  const { code, message } = error
  if (typeof code === 'string') return SQL_STATE.test(code) || SYSTEM.test(code)
  return typeof message === 'string' && MESSAGE.test(message)
}
