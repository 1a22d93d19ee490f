/** What every editor's panel is given. */

import type { SchemaField } from '$/api/types';
import type { Desk } from '$/state/desk.svelte';
import type { Session } from '$/state/session.svelte';

export interface EditorProps {
  field: SchemaField;
  desk: Desk;
  session: Session;
  active: boolean;
}
