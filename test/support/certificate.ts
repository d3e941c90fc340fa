import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { missing } from './missing.ts'

export interface Certificate {
  readonly key: Buffer
  readonly cert: Buffer
}

/** A self-signed certificate for these host names and addresses; skips the suite (fails in CI) without openssl. */
export function certificateFor(context: Mocha.Context, names: readonly string[], days = 2): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'))
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const subject = ['-subj', '/CN=test', '-addext', `subjectAltName=${names.join(',')}`]
  const files = ['-keyout', keyFile, '-out', certFile, '-days', String(days)]
  try {
    execFileSync('openssl', ['req', '-x509', ...curve, ...subject, ...files], { stdio: 'ignore' })
    return { key: readFileSync(keyFile), cert: readFileSync(certFile) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return missing(context, 'openssl', 'openssl')
  } finally {
    rmSync(folder, { recursive: true })
  }
}
