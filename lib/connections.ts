import * as http from 'node:http'
import * as https from 'node:https'

/** Below the five seconds after which many servers close an idle connection, so that few requests meet that. */
const IDLE_SOCKET_MS = 4_000

/** What is asked of a socket: how many bytes have come over it. */
interface Connection {
  readonly bytesRead: number
}

/** One request's way. */
export interface Trip {
  /** The connection, where it was open already, and how many bytes had come over it by then. */
  found?: { readonly connection: Connection; readonly bytesRead: number }
}

/** The client's own connections, kept alive, and what becomes of each request on them. */
export class Connections {
  /** The trip of the request that is being made right now. */
  #trip: Trip = {}
  readonly #http: http.Agent
  readonly #https: https.Agent

  constructor() {
    this.#http = this.#watched(new http.Agent(optionsLike(http.globalAgent)))
    this.#https = this.#watched(new https.Agent(optionsLike(https.globalAgent)))
  }

  /**
   * For node-fetch, which asks for the agent and makes its request with it in one go, so that no other request can
   * come between. The trip notes on what connection the request goes.
   */
  agentFor(trip: Trip) {
    return ({ protocol }: URL): http.Agent => {
      this.#trip = trip
      return protocol === 'https:' ? this.#https : this.#http
    }
  }

  /** Closes the idle connections: where one turns out to be dead, the others are as old. */
  closeIdle(): void {
    for (const agent of [this.#http, this.#https])
      for (const sockets of Object.values(agent.freeSockets)) sockets?.forEach((socket) => socket.destroy())
  }

  /** Node-fetch hides its request, and with it `reusedSocket`; an agent is asked for each reuse. */
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

/** Whether a request that failed went on a connection that broke, or was broken before, without a byte of a response. */
export function brokeUnanswered({ found }: Trip): boolean {
  return found !== undefined && found.connection.bytesRead === found.bytesRead
}

/** With the environment's proxy, where Node was told to use it (`NODE_USE_ENV_PROXY`): its own agents have it then. */
function optionsLike(globalAgent: http.Agent): http.AgentOptions {
  const { options } = globalAgent as { options?: { proxyEnv?: unknown } }
  return { keepAlive: true, timeout: IDLE_SOCKET_MS, ...{ proxyEnv: options?.proxyEnv } }
}
