import type { JSX } from 'preact'
import { useCallback, useEffect, useState } from 'preact/hooks'
import {
  Badge,
  Button,
  Choice,
  Confirm,
  CopyButton,
  dateTime,
  Failure,
  useAction,
  useScreen,
  withFields,
} from 'civic-ui'
import { api, OF } from './api.ts'
import type { Me, Role, Team as TeamView } from './api.ts'
import { Audit } from './audit.tsx'
import { Email } from './email.tsx'

type Membership = Me['memberships'][number]

/** The people of a partner, or the operators. */
export function Team({ membership, left }: { membership: Membership; left: () => void }): JSX.Element {
  const { partnerId, partnerName, role } = membership
  useScreen(`Team of ${partnerName}`, OF)
  const [team, setTeam] = useState<TeamView>()
  const load = useAction(async () => setTeam(await api.team(partnerId)))
  const reload = useCallback(async () => setTeam(await api.team(partnerId)), [partnerId])
  useEffect(() => load.run(), [partnerId])
  return (
    <>
      <h1 tabIndex={-1}>Team of {partnerName}</h1>
      <Failure text={load.failure} />
      {team && (
        <div class="columns">
          <section class="card pad stack" aria-labelledby="members">
            <h2 id="members">Members</h2>
            <ul class="lines">
              {team.members.map((member) => (
                <OneMember
                  key={member.userId}
                  {...{ partnerId, team, member }}
                  changed={member.isMe ? left : reload}
                />
              ))}
            </ul>
          </section>
          {team.canChange && <Invites {...{ partnerId, team }} changed={reload} />}
        </div>
      )}
      {role === 'OWNER' && <Email />}
      {role !== 'DEVELOPER' && role !== 'REVIEWER' && <Audit partnerId={partnerId} />}
    </>
  )
}

function OneMember({
  partnerId,
  team,
  member,
  changed,
}: {
  partnerId: string
  team: TeamView
  member: TeamView['members'][number]
  changed: () => void | Promise<void>
}): JSX.Element {
  const { userId, name, role, isMe } = member
  const [isAsking, ask] = useState(false)
  const change = useAction(async (next: Role) => {
    await api.changeRole(partnerId, userId, next)
    await changed()
  })
  return (
    <li class="row wrap">
      <span class="grow">
        {name} {isMe && <span class="soft">(you)</span>}
      </span>
      {team.canChange ? (
        <select
          aria-label={`Role of ${name}`}
          value={role}
          onChange={(event) => change.run(event.currentTarget.value as Role)}
        >
          {team.roles.map((one) => (
            <option key={one} value={one}>
              {nameOf(one)}
            </option>
          ))}
        </select>
      ) : (
        <Badge>{nameOf(role)}</Badge>
      )}
      {(team.canChange || isMe) && (
        <Button kind="danger" aria-label={isMe ? 'Leave' : `Remove ${name}`} onClick={() => ask(true)}>
          {isMe ? 'Leave' : 'Remove'}
        </Button>
      )}
      <Failure text={change.failure} />
      {isAsking && (
        <Confirm
          title={isMe ? 'Leave?' : `Remove ${name}?`}
          text={`${isMe ? 'You' : name} can no longer log in here.`}
          yes={isMe ? 'Leave' : 'Remove'}
          act={async () => {
            await api.removeMember(partnerId, userId)
            await changed()
          }}
          close={() => ask(false)}
        />
      )}
    </li>
  )
}

function Invites({
  partnerId,
  team,
  changed,
}: {
  partnerId: string
  team: TeamView
  changed: () => Promise<void>
}): JSX.Element {
  const [link, setLink] = useState('')
  const invite = useAction(async ({ role }: Readonly<Record<string, string>>) => {
    setLink((await api.invite(partnerId, role as Role)).link)
    await changed()
  })
  const withdraw = useAction(async (id: string) => {
    await api.withdraw(partnerId, id)
    await changed()
  })
  return (
    <section class="card pad stack" aria-labelledby="invites">
      <h2 id="invites">Invite</h2>
      <form class="stack tight" noValidate onSubmit={withFields(invite.run)}>
        <Choice id="role" name="role" label="Role">
          {team.roles.map((one) => (
            // The role with the fewest rights
            <option key={one} value={one} selected={one === team.roles.at(-1)}>
              {nameOf(one)}
            </option>
          ))}
        </Choice>
        <Failure text={invite.failure || withdraw.failure} />
        <div>
          <Button type="submit" busy={invite.isRunning}>
            Make a link
          </Button>
        </div>
      </form>
      <NewLink link={link} />
      {team.invites.length > 0 && (
        <ul class="lines">
          {team.invites.map(({ id, role, expiresAt }) => (
            <li key={id} class="row wrap">
              <span class="grow">
                {nameOf(role)} <span class="soft small">until {dateTime(expiresAt)}</span>
              </span>
              <Button
                kind="danger"
                aria-label={`Withdraw the invite as ${nameOf(role)}`}
                onClick={() => withdraw.run(id)}
              >
                Withdraw
              </Button>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** The invite's link, which is shown once. */
export function NewLink({ link }: { link: string }): JSX.Element {
  return (
    <div role="status" class="stack tight">
      {link !== '' && (
        <>
          <p class="notice small">
            Send this link to one person. It works once, for 24 hours, and is not shown again.
          </p>
          <p class="row">
            <code class="grow">{link}</code>
            <CopyButton name="link" text={link} />
          </p>
        </>
      )}
    </div>
  )
}

/** A role's name for people. */
export function nameOf(role: Role): string {
  return role.charAt(0) + role.slice(1).toLowerCase()
}
