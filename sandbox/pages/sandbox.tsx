import { render } from 'preact'
import type { JSX } from 'preact'
import { Desk, Missing, Stopped, useFragment, useStopped } from 'civic-ui'
import { OF } from './api.ts'
import { Faults } from './faults.tsx'
import { Mailbox } from './mailbox.tsx'
import { GetToken } from './token.tsx'
import { NewUserForm, OneUser } from './one-user.tsx'
import { Users } from './users.tsx'

const PAGES = [
  { at: '', name: 'Test mailbox', also: ['mail'] },
  { at: 'people', name: 'Test users', also: ['person', 'new'] },
  { at: 'faults', name: 'Faults', also: [] },
  { at: 'token', name: 'Get a token', also: [] },
] as const
const LINKS = [
  { name: 'Test wallet', url: '/wallet' },
  { name: 'Dashboard', url: '/' },
]

function SandboxPages(): JSX.Element {
  const fragment = useFragment()
  const [place = '', detail = ''] = fragment.split('/', 2)
  const stopped = useStopped()
  const pages = PAGES.map(({ at, name, also }) => ({
    name,
    url: `#${at}`,
    isCurrent: at === place || (also as readonly string[]).includes(place),
  }))
  return (
    <Desk brand={OF} pages={pages} links={LINKS}>
      <Stopped what="The sandbox" since={stopped} />
      <Page key={fragment} place={place} detail={detail} />
    </Desk>
  )
}

function Page({ place, detail }: { place: string; detail: string }): JSX.Element {
  switch (place) {
    case '':
    case 'mail':
      return <Mailbox />
    case 'people':
      return <Users />
    case 'person':
      return <OneUser id={detail} />
    case 'new':
      return <NewUserForm />
    case 'faults':
      return <Faults />
    case 'token':
      return <GetToken />
  }
  return (
    <Missing what="There is no such page" of={OF}>
      <p>
        <a href="#">Test mailbox</a>
      </p>
    </Missing>
  )
}

const root = document.getElementById('sandbox')
if (root) render(<SandboxPages />, root)
