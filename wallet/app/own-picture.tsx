import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Button, Failure, useAction } from 'civic-ui'
import { pictureOfFile } from './card.ts'
import type { Picture } from './card.ts'

/** Takes a photo of a person's document for the attester. */
export function OwnPicture({
  label,
  send,
  done,
}: {
  /** What the photo is to show. */
  label: string
  send: (picture: Picture) => Promise<unknown>
  done?: (() => void) | undefined
}): JSX.Element {
  const [picture, setPicture] = useState<Picture>()
  const take = useAction(async (file: File | undefined) => {
    if (file) setPicture(await pictureOfFile(file))
  })
  const verify = useAction(async (taken: Picture) => {
    await send(taken)
    done?.()
  })
  return (
    <div class="stack tight">
      <div class="field">
        <label for="photo">{label}</label>
        <input
          id="photo"
          type="file"
          accept="image/*"
          capture="environment"
          onChange={({ currentTarget }) => take.run(currentTarget.files?.[0])}
        />
      </div>
      {picture && (
        <img class="photo" src={`data:image/jpeg;base64,${picture.base64}`} alt="The photo that you chose" />
      )}
      <Failure text={take.failure || verify.failure} />
      {picture && (
        <Button kind="primary" busy={verify.isRunning} onClick={() => verify.run(picture)}>
          Send it to the attester
        </Button>
      )}
    </div>
  )
}
