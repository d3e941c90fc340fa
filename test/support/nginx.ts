import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Certificate } from './certificate.ts'
import { missing } from './missing.ts'
import { startServer } from './servers.ts'

const NGINX = '/usr/sbin/nginx'
const CONFIGURATION = join(import.meta.dirname, '../../deploy/nginx.conf')

/** Skips the suite (fails it in CI) if nginx is not installed. */
export function needsNginx(context: Mocha.Context): void {
  if (!existsSync(NGINX)) missing(context, 'nginx', 'nginx')
}

/**
 * Runs `deploy/nginx.conf`, with other names, ports and files.
 *
 * @param port of TLS
 * @param upstreams the ports of the server's processes
 * @returns a function that stops it
 */
export async function startNginx(
  port: number,
  upstreams: readonly number[],
  names: { readonly sip: string; readonly wallet: string },
  { key, cert }: Certificate,
): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'))
  const file = (name: string): string => join(folder, name)
  await Promise.all([writeFile(file('key.pem'), key), writeFile(file('cert.pem'), cert)])
  const text = await readFile(CONFIGURATION, 'utf8')
  const site = text
    .replaceAll('sip.example.org wallet.example.org', `${names.sip} ${names.wallet}`)
    .replace(/\/etc\/letsencrypt\S+fullchain\.pem/, file('cert.pem'))
    .replace(/\/etc\/letsencrypt\S+privkey\.pem/, file('key.pem'))
    .replace(/^ +listen \[::\].*\n/gm, '')
    .replace('listen 443', `listen 127.0.0.1:${port}`)
    .replace('listen 80', `listen unix:${file('http.sock')}`)
    .replace(/ {2}server 127\.0\.0\.1:4000 (.*)/m, (_line, options: string) =>
      upstreams.map((upstream) => `server 127.0.0.1:${upstream} ${options}`).join('\n'),
    )
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${file(name)};`,
  )
  const main = `
daemon off;
pid ${file('nginx.pid')};
error_log stderr notice;
worker_processes 1;
events {}
http {
  ${temporary.join('\n  ')}
  include ${file('site.conf')};
}
`
  await Promise.all([writeFile(file('nginx.conf'), main), writeFile(file('site.conf'), site)])
  const { stop } = await startServer({
    command: NGINX,
    args: () => ['-p', folder, '-c', file('nginx.conf')],
    ready: /start worker process \d+/,
    readyOn: 'stderr',
    stopSignal: 'SIGTERM',
  })
  return async () => {
    await stop()
    await rm(folder, { recursive: true, force: true })
  }
}
