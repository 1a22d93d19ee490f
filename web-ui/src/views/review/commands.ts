/**
 * Every action of the review screen. Keys mean the difference that one is at; behind the last difference they mean the questions
 * themselves, one after the other, and while a span or a stretch of text is pointed at they mean its labels.
 */

import type { Command, Group } from '$/commands/command';
import { m } from '$/i18n/index.svelte';
import type { Session } from '$/state/session.svelte';
import { saysSomething, type ReviewDesk } from './desk.svelte';
import { optionsOf } from './options';

export interface Review {
  desk: ReviewDesk;
  session: Session;
  /** The place that keys are about: a difference or, from the number of differences on, a question. */
  at: number;
  move: (to: number) => void;
  settled: () => void;
  save: () => Promise<void>;
  skip: () => void;
  back: () => void;
  comment: () => void;
  /** Whether one is writing the comment, and the way out of it. */
  commenting: () => boolean;
  leaveComment: () => void;
  help: () => void;
}

export const isEditing = (session: Session): boolean => session.range !== null || session.pick !== null;

/** Whether the keys of labels mean labels. */
export const isLabelling = (session: Session, desk: ReviewDesk, at: number): boolean => isEditing(session) || at >= desk.disputes.length;

export function commandsOf(review: Review): Command[] {
  const words = m().review.commands;
  const { desk, session } = review;
  const make = (group: Group, id: string, label: string, keys: string[], run: Command['run'], more: Partial<Command> = {}): Command => ({
    id,
    label,
    group,
    keys,
    run,
    when: () => true,
    ...more,
  });
  const calm = (): boolean => !isLabelling(session, desk, review.at);
  const free = (key: string): boolean => calm() || (!isEditing(session) && !Object.values(session.keys).includes(key));
  return [
    make('record', 'save', words.save, ['Enter'], review.save),
    make('record', 'save-typing', words.saveTyping, ['Ctrl+Enter'], review.save, { whileTyping: true }),
    make('record', 'skip', words.skip, ['n'], review.skip),
    make('record', 'comment', words.comment, ['c'], review.comment, { when: () => free('c') }),
    make('record', 'leave-comment', words.leaveComment, ['Escape'], review.leaveComment, { when: review.commenting, whileTyping: true }),
    make('record', 'back', words.back, ['b'], review.back),
    make('record', 'undo', words.undo, ['Ctrl+Z'], () => void desk.undo()),
    make('record', 'redo', words.redo, ['Ctrl+Shift+Z', 'Ctrl+Y'], () => void desk.redo()),
    make('record', 'propose', words.propose, ['p'], () => proposed(desk), { when: () => desk.doubts.length > 0 && free('p') }),
    ...moves(review, make, calm),
    ...picks(review, make, calm),
    ...labels(review, make),
    make('view', 'help', words.help, ['?'], review.help),
  ];
}

/** Everything that is proposed. */
function proposed(desk: ReviewDesk): void {
  for (const doubt of desk.doubts) desk.propose(doubt);
}

type Make = (group: Group, id: string, label: string, keys: string[], run: Command['run'], more?: Partial<Command>) => Command;

function moves(review: Review, make: Make, calm: () => boolean): Command[] {
  const words = m().review.commands;
  const still = { when: (): boolean => !isEditing(review.session) };
  const down = (): void => review.move(review.at + 1);
  const up = (): void => review.move(review.at - 1);
  return [
    make('suggestions', 'down', words.down, ['ArrowDown'], down, still),
    make('suggestions', 'up', words.up, ['ArrowUp'], up, still),
    make('suggestions', 'down-letter', words.down, ['j'], down, { when: calm }),
    make('suggestions', 'up-letter', words.up, ['k'], up, { when: calm }),
  ];
}

function picks(review: Review, make: Make, calm: () => boolean): Command[] {
  const words = m().review.commands;
  const { desk } = review;
  const dispute = desk.disputes[review.at];
  const take = desk.record.answers.slice(0, 9).flatMap((answer, n) =>
    saysSomething(answer)
      ? [make('suggestions', `take.${n}`, `${words.takeAnswer}: ${answer.annotator}`, [`Alt+${n + 1}`], () => desk.take(answer))]
      : [],
  );
  if (!dispute) return take;
  const field = desk.fields.find((each) => each.name === dispute.field)!;
  const options = optionsOf(field, dispute).map((option, n) => {
    const key = option.voters.length === 0 ? 0 : n + 1;
    const label = key === 0 ? words.nothing : `${words.pick}: ${option.voters.join(', ')}`;
    return make(
      'suggestions',
      `pick.${n}`,
      label,
      [String(key)],
      () => {
        desk.settle(dispute, option.part);
        review.settled();
      },
      { when: calm },
    );
  });
  return [...options, ...take];
}

function labels(review: Review, make: Make): Command[] {
  const { session } = review;
  const words = m().annotate;
  const editing = { when: () => isEditing(session) };
  const labelling = { when: () => isLabelling(session, review.desk, review.at) };
  const picked = { when: () => session.pick !== null };
  return [
    ...session.field.labels.map((label) =>
      make('labels', `label.${label}`, words.labelIt(label), session.keys[label] ? [session.keys[label]] : [], () => session.label(label), labelling),
    ),
    make('text', 'next', words.nextToken, ['ArrowRight'], () => session.move(1), labelling),
    make('text', 'previous', words.previousToken, ['ArrowLeft'], () => session.move(-1)),
    make('text', 'extend', words.extendRight, ['Shift+ArrowRight'], () => session.move(1, true), editing),
    make('text', 'extend-back', words.extendLeft, ['Shift+ArrowLeft'], () => session.move(-1, true), editing),
    make('text', 'next-span', words.nextSpan, ['ArrowDown'], () => session.pickNext(1), editing),
    make('text', 'previous-span', words.previousSpan, ['ArrowUp'], () => session.pickNext(-1), editing),
    make('text', 'grow', words.growEnd, ['Alt+ArrowRight', ']'], () => session.resize('end', 1), picked),
    make('text', 'shrink', words.shrinkEnd, ['Alt+ArrowLeft', '['], () => session.resize('end', -1), picked),
    make('text', 'grow-start', words.growStart, ['Alt+Shift+ArrowLeft', '{'], () => session.resize('start', -1), picked),
    make('text', 'shrink-start', words.shrinkStart, ['Alt+Shift+ArrowRight', '}'], () => session.resize('start', 1), picked),
    make('text', 'delete', words.deleteSpan, ['Backspace', 'Delete'], session.remove, labelling),
    make('text', 'deselect', words.deselect, ['Escape'], session.deselect, editing),
    make('text', 'snap', words.snap, ['s'], session.toggleSnap),
  ];
}
