import { readConfig } from '../../sip/lib/config.ts'
import { serve } from '../../sip/lib/serve.ts'
import type { Running, ServeOptions } from '../../sip/lib/serve.ts'

/** The server in this process: for what a test injects, such as the network that proofs of domains are looked for in. */
export class ServerHere {
  output = ''
  #running: Running | undefined

  static async start(
    variables: Readonly<Record<string, string>>,
    options: Pick<ServeOptions, 'network'>,
  ): Promise<ServerHere> {
    const server = new ServerHere()
    const logTo = { write: (line: string): void => void (server.output += line) }
    server.#running = await serve(readConfig(variables).config, { ...options, logTo })
    return server
  }

  /** @returns 0 if every request was answered, as the command's exit code is */
  async stop(): Promise<number> {
    return (await this.#running?.stop()) ? 0 : 1
  }
}
