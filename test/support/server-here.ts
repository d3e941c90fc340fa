import { readConfig } from '../../sip/lib/config.ts'
import { serve } from '../../sip/lib/serve.ts'
import type { Running, ServeOptions } from '../../sip/lib/serve.ts'

/** The server in this process, so that a test can inject options, such as the network for proofs of domains. */
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

  /** @returns 0 if every request got a response, like the command's exit code */
  async stop(): Promise<number> {
    return (await this.#running?.stop()) ? 0 : 1
  }
}
