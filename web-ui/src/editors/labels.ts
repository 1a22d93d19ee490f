/** What every editor's panel is given. */

import type { SchemaField } from '$/api/types';
import type { EditDesk, Session } from '$/state/session.svelte';

export interface EditorProps {
  field: SchemaField;
  desk: EditDesk;
  session: Session;
  active: boolean;
  /** The keys that lead to this question from the one being asked; its labels' keys follow them. */
  way?: readonly string[] | undefined;
  /** Lower rows, where there is much to show. */
  dense?: boolean;
  /** Only what was answered, as another question is being asked. */
  folded?: boolean;
}
