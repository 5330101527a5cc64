import { useEffect, useRef } from "preact/hooks";
import type { Question } from "./session.tsx";

/** Asks before something is done that cannot be undone. Escape and Cancel do nothing. */
export const ConfirmDialog = (props: {
  readonly question: Question;
  readonly onClose: (isConfirmed: boolean) => void;
}) => {
  const { question, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="question" onClose={() => onClose(false)}>
      <h2 id="question">{question.title}</h2>
      <p>{question.text}</p>
      <div class="buttons">
        <button type="button" onClick={() => onClose(false)}>
          Cancel
        </button>
        <button type="button" class="danger" onClick={() => onClose(true)}>
          {question.verb}
        </button>
      </div>
    </dialog>
  );
};
