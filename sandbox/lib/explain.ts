import { dirname } from 'node:path'
import type { Command } from './command.ts'

/** One sentence for the terminal: why the sandbox did not start, and which option helps. */
export function explain(error: unknown, command: Command): string {
  const { code, message, port, syscall } = error as NodeJS.ErrnoException & { port?: number }
  const { state, host } = command
  if (code === 'EADDRINUSE') return portInUse(port ?? 0, command)
  if (code === 'EACCES' && syscall === 'listen') {
    return `Port ${port} needs an administrator's rights: try --port 4000, or --port 0`
  }
  if (syscall === 'listen' || syscall === 'getaddrinfo') {
    return `--host: ${host} is no address of this machine: use localhost, or --phone to let a phone in`
  }
  if (state !== undefined && (code !== undefined || message.startsWith(state))) {
    return code === 'ENOENT' ? `--state: there is no folder ${dirname(state)}` : `--state: ${message}`
  }
  return message.replace(/^allowHosts: /, '--allow-host: ')
}

/** Names the option of the port that is in use, the sandbox's or the wallet's, and another port to try. */
function portInUse(taken: number, { port, walletPort }: Command): string {
  const isWallets = taken === walletPort && taken !== port
  const [option, other] = isWallets ? ['--wallet-port', port] : ['--port', walletPort]
  const next = taken + 1 === other ? taken + 2 : taken + 1
  return `Port ${taken} is in use, perhaps by another sandbox: try ${option} ${next}, or ${option} 0`
}
