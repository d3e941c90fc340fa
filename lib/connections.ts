import * as http from 'node:http'
import * as https from 'node:https'

/** Less than the five seconds after which many servers close an idle connection, so that few requests fail for it. */
const IDLE_SOCKET_MS = 4_000

/** The part of a socket that is read: how many bytes it has received. */
interface Connection {
  readonly bytesRead: number
}

/** The connection that one request used. */
export interface Trip {
  /** The connection, if it was open already, and how many bytes it had received by then. */
  found?: { readonly connection: Connection; readonly bytesRead: number }
}

/** The client's keep-alive connections, and which of them each request uses. */
export class Connections {
  /** The trip of the request that is being made now. */
  #trip: Trip = {}
  readonly #http: http.Agent
  readonly #https: https.Agent

  constructor() {
    this.#http = this.#watched(new http.Agent(optionsLike(http.globalAgent)))
    this.#https = this.#watched(new https.Agent(optionsLike(https.globalAgent)))
  }

  /**
   * For node-fetch, which asks for the agent and makes its request in one synchronous step, so that no other request
   * comes between. `trip` records the connection that the request uses.
   */
  agentFor(trip: Trip) {
    return ({ protocol }: URL): http.Agent => {
      this.#trip = trip
      return protocol === 'https:' ? this.#https : this.#http
    }
  }

  /** Closes the idle connections: if one is dead, the others are as old. */
  closeIdle(): void {
    for (const agent of [this.#http, this.#https])
      for (const sockets of Object.values(agent.freeSockets)) sockets?.forEach((socket) => socket.destroy())
  }

  /** Node-fetch hides its request, and with it `reusedSocket`, but each reuse calls the agent. */
  #watched<A extends http.Agent>(agent: A): A {
    const reuse = agent.reuseSocket.bind(agent)
    agent.reuseSocket = (socket, request) => {
      const connection = socket as unknown as Connection
      this.#trip.found = { connection, bytesRead: connection.bytesRead }
      reuse(socket, request)
    }
    return agent
  }
}

/** Whether a failed request used a connection that broke, then or before, without a byte of a response. */
export function brokeUnanswered({ found }: Trip): boolean {
  return found !== undefined && found.connection.bytesRead === found.bytesRead
}

/** With the environment's proxy if Node uses it (`NODE_USE_ENV_PROXY`), as Node's own agents do. */
function optionsLike(globalAgent: http.Agent): http.AgentOptions {
  const { options } = globalAgent as { options?: { proxyEnv?: unknown } }
  return { keepAlive: true, timeout: IDLE_SOCKET_MS, ...{ proxyEnv: options?.proxyEnv } }
}
