import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { root } from '../support/examples.ts'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly uses?: string
  readonly needs?: string
  readonly permissions?: Readonly<Record<string, string>>
  readonly steps?: readonly Step[]
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}

const folder = join(root, '.github/workflows')
const workflows = readdirSync(folder).map((name) => {
  const text = readFileSync(join(folder, name), 'utf8')
  return { name, text, workflow: parse(text) as Workflow }
})

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly workspaces?: readonly string[]
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest
}

/** The packages that are published, each after what it depends on. */
const packages = manifest('.')
  .workspaces!.map(manifest)
  .flatMap(({ name, private: isPrivate }) => (isPrivate ? [] : [name]))

function stepsOf({ jobs }: Workflow): Step[] {
  return Object.values(jobs).flatMap(({ steps = [] }) => steps)
}

function canSign({ permissions }: Job): boolean {
  return permissions?.['id-token'] === 'write'
}

describe('workflows', () => {
  for (const { name, text, workflow } of workflows) {
    describe(name, () => {
      it('names every action by its commit, with the version beside it', () => {
        const uses = text.split('\n').filter((line) => /^\s*(?:- )?uses:/.test(line))
        const all = [...stepsOf(workflow), ...Object.values(workflow.jobs)].filter((one) => one.uses)
        assert.equal(uses.length, all.length)
        const loose = uses.filter(
          (line) => !/uses: (?:\.\/\S+|[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/.test(line),
        )
        assert.deepEqual(loose, [])
      })

      it('may read the repository, and no more; a job may sign for itself', () => {
        assert.deepEqual(workflow.permissions, { contents: 'read' })
        for (const job of Object.values(workflow.jobs)) {
          assert.ok(job.permissions === undefined || canSign(job))
          assert.deepEqual(Object.keys(job.permissions ?? { 'id-token': '' }), ['id-token'])
        }
      })

      it('leaves no credentials in the checkout', () => {
        for (const step of stepsOf(workflow)) {
          if (step.uses?.startsWith('actions/checkout@'))
            assert.equal(step.with?.['persist-credentials'], false)
        }
      })

      it('puts no expression into a script', () => {
        assert.deepEqual(
          stepsOf(workflow).filter(({ run }) => run?.includes('${{')),
          [],
        )
      })

      it('names no registry: npm has its own', () => {
        assert.doesNotMatch(text, /registry/i)
      })
    })
  }
})

describe('a release', () => {
  const { jobs } = workflows.find(({ name }) => name === 'release.yml')!.workflow
  const signing = Object.entries(jobs).filter(([, job]) => canSign(job))
  const [, publish] = signing[0]!
  const steps = publish.steps!

  it('is signed by one job', () => assert.equal(signing.length, 1))

  it('is published by a job that runs nothing but npm publish, without scripts', () => {
    const others = steps.filter(
      ({ run, uses }) =>
        !/^npm publish "\S+\.tgz" --ignore-scripts --provenance --access public$/.test(run ?? '') &&
        !/^actions\/(?:setup-node|download-artifact)@/.test(uses ?? ''),
    )
    assert.deepEqual(others, [])
  })

  it('publishes what the job before it built and packed', () => {
    const build = jobs[publish.needs!]!
    assert.equal(canSign(build), false)
    const artefact = (steps: readonly Step[], action: string) =>
      steps.filter(({ uses }) => uses?.startsWith(`actions/${action}-artifact@`)).map((step) => step.with)
    const [wanted] = artefact(steps, 'download')
    const uploaded = artefact(build.steps!, 'upload').find((one) => one?.['name'] === wanted?.['name'])
    assert.equal(uploaded?.['path'], 'packages/*.tgz')
    const [pack] = build.steps!.flatMap(({ run }) => (run?.startsWith('npm pack') ? [run] : []))
    const packedNames = [...pack!.matchAll(/-w (\S+)/g)].map(([, name]) => name)
    const published = steps.flatMap(
      ({ run }) => /"\.\/(.*)-\$\{GITHUB_REF_NAME#v\}\.tgz"/.exec(run ?? '')?.[1] ?? [],
    )
    assert.deepEqual(packedNames, packages)
    // Each after what it depends on
    assert.deepEqual(published, packages)
  })
})

describe('advisories and updates', () => {
  it('are checked on a schedule', () => {
    const scheduled = workflows.filter(({ workflow }) => 'schedule' in workflow.on)
    const runs = scheduled.flatMap(({ workflow }) => stepsOf(workflow)).map(({ run = '' }) => run)
    assert.ok(runs.includes('npm audit --package-lock-only --omit=dev --omit=optional'))
    assert.ok(!runs.some((run) => /npm (?:ci|install)/.test(run)))
  })

  it('of npm and of actions are proposed', () => {
    const { updates } = parse(readFileSync(join(root, '.github/dependabot.yml'), 'utf8')) as {
      updates: { 'package-ecosystem': string }[]
    }
    assert.deepEqual(
      updates.map((update) => update['package-ecosystem']),
      ['npm', 'github-actions'],
    )
  })
})

describe('lock files', () => {
  it('name no registry', () => {
    for (const file of ['package-lock.json', 'bench/package-lock.json', 'test/mutation/package-lock.json'])
      assert.doesNotMatch(readFileSync(join(root, file), 'utf8'), /"resolved": "https?:/, file)
  })
})
