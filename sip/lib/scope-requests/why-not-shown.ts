import type { Request } from 'express'
import { allowsOrigin } from '../apps/allowed-domains.ts'
import { ownOrigin } from '../http/safety.ts'
import type { AskingParts } from './asking.ts'

const MAX_SHOWN = 100

/**
 * Why a page may not frame an app's iframe page, for the page's developer, since browsers tell neither the site nor the
 * server. The request names the page by its `Origin`, and the pages around it by `ancestor`.
 * @returns no message if the app allows all of them
 */
export async function whyNotShown(
  { apps, log }: Pick<AskingParts, 'apps' | 'log'>,
  req: Request,
): Promise<{ message?: string }> {
  const { appId, ancestor = [] } = req.query
  const origin = req.get('origin') ?? ''
  const app = await apps.find(appId)
  const sites = [origin, ...[ancestor].flat().map(String)].filter((site) => site !== '')
  const refused = sites.find((site) => app && !allowsOrigin(app.whitelist, site))
  if (app && refused === undefined) return {}
  const around = refused === origin ? '' : `, and its page is around ${shown(origin)}`
  const message = app
    ? `${shown(refused)} is not an allowed domain of app ${app.appId}${around}: add it at ${ownOrigin(req)}/#app/${app.appId}`
    : `There is no app ${shown(appId)}: copy the app's id from ${ownOrigin(req)}/`
  const named = { appId: app?.appId ?? '', appName: app?.name ?? 'unknown app' }
  log.failed({ ...named, origin: shown(origin), problem: message })
  return { message }
}

function shown(text: unknown): string {
  return typeof text === 'string' ? text.slice(0, MAX_SHOWN) : ''
}
